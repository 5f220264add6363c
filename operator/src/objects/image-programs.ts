/**
 * The programs of the image. Its entry point is Node, its folder the project's, and each program lies where its source
 * does. The Dockerfile and `npm run image` build it that way.
 */
export const IMAGE_PROGRAMS = {
  validator: ['node/src/host/main.js', 'pod'],
  load: ['load-generator/src/pod/main.js'],
  operator: ['operator/src/main.js'],
} as const
