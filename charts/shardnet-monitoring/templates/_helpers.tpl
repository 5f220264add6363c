{{/* Names and labels that every object has. */}}
{{- define "shardnet-monitoring.labels" -}}
app.kubernetes.io/name: shardnet-monitoring
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: shardnet
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "shardnet-monitoring.name" -}}
{{- printf "%s-%s" .root.Release.Name .part | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* image of a part: by digest where there is one */}}
{{- define "shardnet-monitoring.image" -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag }}{{ end }}
{{- end }}

{{/* "true" when a kind of the Prometheus operator is to be used */}}
{{- define "shardnet-monitoring.uses" -}}
{{- if or (eq .enabled "on") (and (eq .enabled "auto") (.root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" .kind))) }}true{{ end }}
{{- end }}

{{/* What the restricted Pod Security Standard asks of a container. */}}
{{- define "shardnet-monitoring.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Alerts with the address of the runbooks before their path. */}}
{{- define "shardnet-monitoring.alerts" -}}
{{- $alerts := .Files.Get "generated/alerts.yaml" }}
{{- if .Values.runbookBase }}
{{- $alerts = $alerts | replace "runbook_url: docs/" (printf "runbook_url: %s/docs/" (trimSuffix "/" .Values.runbookBase)) }}
{{- end }}
{{- $alerts }}
{{- end }}

{{/* Series that nobody measures: price and budget, as the deployment says them. */}}
{{- define "shardnet-monitoring.given" -}}
groups:
  - name: shardnet-given
    rules:
      {{- if .Values.price.testnet }}
      {{- if hasKey .Values.price "perHour" }}
      - record: testnet:shardnet_price:per_hour
        expr: vector({{ .Values.price.perHour }})
        labels: {testnet: {{ .Values.price.testnet | quote }}, job: shardnet-validator}
      {{- end }}
      {{- if hasKey .Values.price "budget" }}
      - record: testnet:shardnet_budget:total
        expr: vector({{ .Values.price.budget }})
        labels: {testnet: {{ .Values.price.testnet | quote }}, job: shardnet-validator}
      {{- end }}
      {{- end }}
      - record: shardnet_monitoring_rules_loaded
        expr: vector(1)
{{- end }}

{{/* What to scrape: job, pod selector and port. One table for PodMonitors and for the plain configuration. */}}
{{- define "shardnet-monitoring.jobs" -}}
jobs:
  - name: shardnet-validator
    port: http
    match: {app.kubernetes.io/component: validator, app.kubernetes.io/name: shardnet}
  - name: shardnet-load
    port: metrics
    match: {app.kubernetes.io/component: load-generator, app.kubernetes.io/name: shardnet}
  - name: shardnet-operator
    port: http
    match: {app.kubernetes.io/name: shardnet-operator}
{{- end }}
