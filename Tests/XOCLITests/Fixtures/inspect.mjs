// Writes inspect.json: values as JSON text, and what Node's util.inspect makes of them. Run it with Node 20:
//   node inspect.mjs > inspect.json
import { inspect } from 'node:util'

const cases = []
const add = json => {
  const value = JSON.parse(json)
  const options = { depth: Infinity, sorted: true }
  const result = { json, plain: inspect(value, options) }
  // Colours take no room, so it is enough to see them here and there.
  if (cases.length % 4 === 0) result.coloured = inspect(value, { ...options, colors: true })
  cases.push(result)
}
const addValue = value => add(JSON.stringify(value))
const range = (n, f) => Array.from({ length: n }, (_, i) => f(i))

// Scalars; top-level strings are never inspected, so all stand in a list or object.
add('[]')
add('{}')
add('[null,true,false,0,-1,42,1.5]')
add('[1e21,1e20,123456789012345680000,1e-6,1e-7,1.25e-7,0.1,5e-324,1.7976931348623157e308,-2.5e-9]')
add('[1234.5678]')
add('{"a":null}')
add('{"a":{},"b":[]}')
addValue({ a: 1, b: 'x' })

// Keys.
addValue({ b: 1, a: 2, $pool: 3, 'with space': 4, "it's": 5, 'é': 6, _x: 7, 'a-b': 8, '': 9, A: 10 })
add('{"10":"ten","9":"nine","a":{"x":{"y":{"z":1}}},"2":[[[1]]]}')
add('{"01":1,"4294967295":2,"4294967294":3,"-1":4,"1.5":5}')
add('{"__proto__":1,"constructor":2}')
addValue({ '"': 1, "'\"": 2, "'\"`": 3, '`': 4, 'line\nbreak': 5 })
addValue({ '\u{1F600}': 1, '\uFF5E': 2, z: 3, '~': 4 })

// Strings.
addValue(["it's", '"', 'it\'s "so"', 'it\'s "so" `too`', 'it\'s "so" ${x}', '`', '\\', "\\'"])
addValue(['\0\x01\x1f', '\b\t\n\f\r\v', '\x7f\x80\x9f', '\xa0é', '\u2028', '\u200b', '\u{1F600}', '漢字', 'e\u0301'])
addValue(['line one\nline two\n', 'a\n\nb', '\n'])
addValue({ text: 'first line of a text that is long enough\nsecond line of a text that is long enough\nthird\n' })
addValue({ inner: { text: 'x'.repeat(40) + '\n' + 'y'.repeat(60) } })
for (const n of [16, 17, 70, 71, 72, 73, 74, 75, 76, 77, 78]) {
  addValue(['x'.repeat(n)])
  addValue({ a: 'x'.repeat(n) })
  addValue({ a: 'x'.repeat(n - 1) + '\n' })
}
addValue(['y'.repeat(10001)])
addValue({ a: ('x'.repeat(99) + '\n').repeat(101) })
addValue(['é'.repeat(38), 'é'.repeat(39), '漢'.repeat(37), '\u{1F600}'.repeat(36)])

// Breaking of lines.
for (let n = 1; n <= 9; n++) addValue(Object.fromEntries(range(n, i => ['key' + i, 'value' + i])))
for (let n = 50; n < 64; n++) addValue({ a: 'x'.repeat(n), b: 1 })
addValue({ a: { b: { c: {} } } })
addValue({ a: { b: { c: { d: 1 } } } })
addValue({ a: { b: { c: { d: { e: { f: 1 } } } } } })
addValue([[[[[[1]]]]]])
addValue({ a: { b: { c: { d: 1 } } }, z: 1 })
addValue({ z: 1, a: { b: { c: { d: 1 } } } })
addValue({ deep: [[[[1]]]], shallow: [1] })
addValue({ a: [{ b: [{ c: [] }] }], d: {} })

// Tables.
for (const n of [5, 6, 7, 8, 12, 16, 26, 27, 50, 99, 100, 101, 102, 150]) {
  addValue(range(n, i => i))
  addValue(range(n, i => 'item ' + i * i))
  addValue({ list: range(n, i => (i % 3 ? i : i * 1000)) })
  addValue(range(n, i => (i % 2 ? 'x' : null)))
}
addValue(range(20, i => i * 1.5 - 7))
addValue(range(12, i => 'x'.repeat(i)))
addValue(range(30, i => 'x'.repeat((i * 7) % 11)))
addValue([...range(20, i => 'a' + i), 'y'.repeat(60)])
addValue([...range(20, i => 'a' + i), 'y'.repeat(22)])
addValue(range(9, i => ({ id: i })))
addValue(range(7, i => ({ id: i, name: 'name ' + i, tags: ['a', 'b'] })))
addValue(range(30, i => [i, i + 1]))
addValue(range(101, i => ({ id: 'object ' + i, value: i })))
addValue(range(12, i => '漢字'.repeat(1 + (i % 3))))
addValue(range(12, i => 'e\u0301\u200b\u{1F600}'.slice(0, 1 + (i % 5))).map(s => s.toWellFormed()))
addValue({ a: { b: { c: { d: range(40, i => 'nested ' + i) } } } })
addValue(range(8, i => (i === 3 ? 'two\nlines' : 'one')))
addValue([...range(100, i => i), 'text'])
addValue([...range(101, i => i), 'text'])

// Objects as servers send them.
addValue({
  type: 'VM', id: '0a4f8f2c-11ab-5b3d-8f0f-9d2d2a6f3b11', uuid: '0a4f8f2c-11ab-5b3d-8f0f-9d2d2a6f3b11',
  name_label: 'web server', name_description: '', power_state: 'Running', $pool: 'b6f2', $poolId: 'b6f2',
  CPUs: { max: 4, number: 2 }, memory: { dynamic: [1073741824, 2147483648], size: 2147483648, static: [0, 4294967296] },
  addresses: { '0/ipv4/0': '192.0.2.10', '0/ipv6/0': 'fe80::1' }, tags: ['production', 'web'], $VBDs: ['a', 'b', 'c'],
  other: { 'xs-reinstall': 'false', base_template_name: 'Debian 12' }, boot: { firmware: 'uefi', order: 'cdn' },
  current_operations: {}, blockedOperations: {}, startTime: 1764000000, expNestedHvm: false, snapshots: [], parent: null,
})
addValue({
  'vm.start': {
    description: 'start a VM',
    params: { id: { type: 'string' }, force: { type: 'boolean', optional: true, default: false }, host: { type: ['string', 'null'] } },
    permission: 'operate',
  },
})

// Whatever else: values from a small generator, always the same.
let seed = 20240229
const random = n => ((seed = (seed * 1103515245 + 12345) % 2147483648), Math.floor((seed / 2147483648) * n))
const words = ['id', 'name', 'x', 'memory', 'power_state', '$pool', 'a-b', 'tags', 'VIFs', 'size', '7', '12']
const anything = level => {
  switch (random(level > 5 ? 6 : 10)) {
    case 0: return null
    case 1: return random(2) === 0
    case 2: return random(100000)
    case 3: return random(1000) / 8
    case 4: return 'x'.repeat(random(30))
    case 5: return words[random(words.length)] + '\'"\n\\é'[random(6)]
    case 6: case 7: return range(random(random(8) ? 6 : 30), () => anything(level + 1 + random(4)))
    default: return Object.fromEntries(range(random(6), () => [words[random(words.length)], anything(level + 1)]))
  }
}
for (let i = 0; i < 100; i++) {
  const value = [anything(0), anything(1), { value: anything(0) }]
  if (JSON.stringify(value).length < 2000) addValue(value)
}

// Escaped to plain ASCII, so that no editor changes it.
const ascii = text => text.replace(/[\u007f-\uffff]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'))
console.log('[')
console.log(cases.map(c => ascii(JSON.stringify(c))).join(',\n'))
console.log(']')
