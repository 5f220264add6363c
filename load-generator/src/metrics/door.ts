/** Every metric of the load generator, as data: dashboards and rules compile against it. */
export { loadCatalogue } from './catalogue.ts'
