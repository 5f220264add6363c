export { shardObjects, shardPlanOf } from '../plan/shard-object.ts'
