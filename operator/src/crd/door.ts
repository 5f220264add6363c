/** The kinds as a cluster knows them, and every way in which a document can be wrong: for tests on real API servers. */
export { API_GROUP, API_VERSION_NAME, customResourceOf, namesOfKind } from './custom-resource.ts'
export { type InvalidDocument, invalidDocuments, validDocument } from './invalid-documents.ts'
