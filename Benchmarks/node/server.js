// The yardstick for the whole: what a bare Node server with `ws` can do for the same call. It parses, looks the method
// up, checks that there is a user, and answers; a real server does more. Prints its port; ends with its input.
'use strict'

const { WebSocketServer } = require('ws')

const methods = new Map([['bench.ping', { permission: 'user', run: () => 'pong' }]])

const answer = (session, text) => {
  let request
  try {
    request = JSON.parse(text)
  } catch (error) {
    return { id: null, jsonrpc: '2.0', error: { code: -32700, message: 'invalid JSON' } }
  }
  const { id, method: name, params } = request
  const method = methods.get(name)
  if (method === undefined) {
    return { id, jsonrpc: '2.0', error: { code: -32601, message: `method not found: ${name}`, data: name } }
  }
  if (method.permission === 'user' && session.user === undefined) {
    return { id, jsonrpc: '2.0', error: { code: 2, message: 'not enough permissions', data: { object: {} } } }
  }
  return { id, jsonrpc: '2.0', result: method.run(params) }
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => console.log(server.address().port))
server.on('connection', socket => {
  const session = { user: { id: 'bench' } }
  socket.on('message', data => socket.send(JSON.stringify(answer(session, data.toString()))))
})

process.stdin.resume().on('end', () => process.exit())
