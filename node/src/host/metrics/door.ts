/** Every metric of a validator, as data: dashboards and rules compile against it. */
export { catalogue, type NodeCatalogue } from './catalogue.ts'
export type {
  LabelSets,
  MetricCatalogue,
  MetricDefinition,
  MetricsProfile,
} from './metric-definition.ts'
