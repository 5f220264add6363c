{{- define "shardnet.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "shardnet.selector" -}}
app.kubernetes.io/name: shardnet-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "shardnet.labels" -}}
{{ include "shardnet.selector" . }}
app.kubernetes.io/component: operator
app.kubernetes.io/part-of: shardnet
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "shardnet.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "shardnet.namespaces" -}}
{{- .Values.namespaces | default (list .Release.Namespace) | uniq | join "," }}
{{- end }}
