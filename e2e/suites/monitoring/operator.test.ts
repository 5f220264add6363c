import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePorts, LOCAL_HOST } from '@shardnet/operator/ports'
import { after, before, describe, test } from 'node:test'
import {
  boardQueries,
  isAnnotation,
  isOfOperator,
  OPERATOR_BOARD,
} from '../../monitoring/board-queries.ts'
import { renderChart } from '../../monitoring/chart.ts'
import { takePictures } from '../../monitoring/pictures/take-pictures.ts'
import { WatchingPrometheus } from '../../monitoring/watching-prometheus.ts'
import { NAMESPACE, Stage } from '../../operator/stage.ts'
import { TestnetHandle } from '../../operator/testnets.ts'

const MAX_MS = 180_000

describe('a real Prometheus on an operator at work', () => {
  const startedSeconds = Date.now() / 1_000
  let stage: Stage
  let watching: WatchingPrometheus
  before(async () => {
    stage = await Stage.set({ name: 'watched' })
    const [port = 0] = await findFreePorts(1, 'watched operator', new Set())
    await stage.startOperator({ SHARDNET_HTTP_PORT: String(port) })
    const targets = join(stage.cluster.folder, 'operator-targets.json')
    const labels = { cluster: 'hub', instance: 'operator-0' }
    await writeFile(targets, JSON.stringify([{ targets: [`${LOCAL_HOST}:${port}`], labels }]))
    watching = await WatchingPrometheus.start({
      folder: join(stage.cluster.folder, 'watching'),
      targets: { 'shardnet-operator': targets },
    })
  })
  after(async () => {
    const isOfOperators = (uid: string): boolean => uid === OPERATOR_BOARD
    if (watching !== undefined) await takePictures(watching.client, isOfOperators, startedSeconds)
    await watching?.stop()
    await stage?.stop()
  })

  test('has data for every query of its board while a testnet is made', async () => {
    const demo = new TestnetHandle(stage.cluster.api, NAMESPACE, 'demo')
    await demo.apply()
    await demo.becomes('Ready', 'True', MAX_MS)
    const looks = 'rate(shardnet_operator_reconcile_seconds_count{controller="testnet"}[1m]) > 0'
    await watching.client.untilSeries(looks, MAX_MS)
    const queries = boardQueries.filter((query) => isOfOperator(query) && !isAnnotation(query))
    assert.deepEqual(await watching.client.emptyOf(queries), [])
  })

  test('the API server takes everything that the chart makes by itself', async () => {
    const objects = await renderChart({
      values: { cluster: 'hub', prometheus: { enabled: true }, grafana: { enabled: true } },
    })
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
    const words = ['apply', '--dry-run=server', '--filename', '-']
    const { code, text } = await stage.cluster.run('kubectl', words, list)
    assert.equal(code, 0, text)
  })
})
