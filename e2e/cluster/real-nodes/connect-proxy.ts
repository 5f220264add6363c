import { createServer } from 'node:http'
import { connect } from 'node:net'

/**
 * `node connect-proxy.ts SOCKET`: an HTTP CONNECT proxy on a Unix socket. Runs in the network of the nodes; by it the API
 * server, which lives in the machine's own network, reaches kubelets, pods and webhooks.
 */
const [path = ''] = process.argv.slice(2)
const server = createServer((_request, response) => response.writeHead(405).end())
server.on('connect', (request, client, head) => {
  const target = new URL(`tcp://${request.url}`)
  const upstream = connect(Number(target.port), target.hostname.replace(/^\[|\]$/g, ''))
  upstream.on('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    upstream.write(head)
    upstream.pipe(client)
    client.pipe(upstream)
  })
  upstream.on('error', () => client.destroy())
  client.on('error', () => upstream.destroy())
})
server.listen(path)
process.on('SIGTERM', () => process.exit(0))
