import type { RealNode } from './addresses.ts'

/** Where Debian puts the plugins of the container network. */
export const CNI_FOLDER = '/usr/lib/cni'

/** A bridge per node; other nodes' pods are reached by plain routes. */
export function cniConfiguration({ podRange, folder }: RealNode): unknown {
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: `${folder}/cni-addresses`,
          ranges: [[{ subnet: podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}
