/** The user that all our images run as. */
const USER = 65_532

/** Of a pod, by the restricted profile of Pod Security. */
export function podSecurity(): object {
  return {
    runAsNonRoot: true,
    runAsUser: USER,
    runAsGroup: USER,
    fsGroup: USER,
    // A disk with millions of files is not walked at each start.
    fsGroupChangePolicy: 'OnRootMismatch',
    seccompProfile: { type: 'RuntimeDefault' },
  }
}

/** Of a container, by the restricted profile of Pod Security. */
export function containerSecurity(): object {
  return {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  }
}
