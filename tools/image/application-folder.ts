/** Where the project is in the image: laid out as in a clone, so that the same paths run. */
export const APPLICATION_FOLDER = 'app'
