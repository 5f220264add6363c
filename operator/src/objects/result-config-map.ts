import { gunzipSync, gzipSync } from 'node:zlib'
import { type BuildContext, metadataOf } from './build-context.ts'
import type { KubernetesObject } from './kubernetes-object.ts'
import { LABEL, testnetLabels } from './labels.ts'

const RESULT_KEY = 'result.json.gz'
const REPORT_KEY = 'report.html.gz'
/** A ConfigMap holds a mebibyte. */
const BYTES_MAX = 1_000_000

/** What remains of a load test when its pods are gone. */
export interface StoredResult {
  readonly result: string
  /** Null where the report is made from the result by whoever fetches it. */
  readonly report: string | null
}

/**
 * The ConfigMap with result and report of a load test, which lives as long as the LoadTest does. A report that does not
 * fit is left out: it can be made from the result again.
 * @throws {RangeError} when the result itself does not fit.
 */
export function resultConfigMap(
  loadTest: string,
  testnet: string,
  stored: StoredResult,
  context: BuildContext,
): KubernetesObject {
  const result = gzipSync(stored.result)
  const report = stored.report === null ? null : gzipSync(stored.report)
  if (result.length > BYTES_MAX) {
    throw new RangeError(`a result of ${result.length} bytes does not fit a ConfigMap`)
  }
  const labels = { ...testnetLabels(testnet), [LABEL.loadTest]: loadTest, [LABEL.part]: 'result' }
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(resultName(loadTest), labels, context),
    binaryData: {
      [RESULT_KEY]: result.toString('base64'),
      ...(report !== null && result.length + report.length <= BYTES_MAX
        ? { [REPORT_KEY]: report.toString('base64') }
        : {}),
    },
  }
}

/** Name of that ConfigMap. */
export function resultName(loadTest: string): string {
  return `${loadTest}-result`
}

/** Result and report of such a ConfigMap; null for what is not in it. */
export function storedResultOf(object: {
  readonly binaryData?: Readonly<Record<string, string>>
}): { readonly result: string | null; readonly report: string | null } {
  const text = (key: string): string | null => {
    const data = object.binaryData?.[key]
    return data === undefined ? null : gunzipSync(Buffer.from(data, 'base64')).toString()
  }
  return { result: text(RESULT_KEY), report: text(REPORT_KEY) }
}
