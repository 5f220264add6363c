import type { NetworkPlan } from '../plan/network-plan.ts'
import { GENESIS_KEY, genesisParts } from './genesis-config-map.ts'
import { genesisName } from './names.ts'

/** Readable by the group of our images' user. */
export const READ_BY_GROUP = 0o440

/** The parts of a genesis as one folder. */
export function genesisVolume(network: NetworkPlan): object {
  const sources = Array.from({ length: genesisParts(network) }, (_, part) => ({
    configMap: {
      name: genesisName(network, part),
      items: [{ key: GENESIS_KEY, path: `genesis-${part}` }],
    },
  }))
  return { name: 'genesis', projected: { defaultMode: READ_BY_GROUP, sources } }
}
