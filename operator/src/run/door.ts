/** The operator as a program, and what its clients ask a cluster for. Loads the client of Kubernetes when it is called. */
export { fetchResult } from '../kubernetes/fetch-result.ts'
export { joinCluster } from '../kubernetes/join-cluster.ts'
export { startOperator } from '../kubernetes/start-operator.ts'
export { operatorConfig } from '../operator-config.ts'
