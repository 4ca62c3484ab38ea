// The events that a till has accepted, in one file that is only written at its end; each line is on disk before it counts.
//
//   event <json>            accepted; its id is its place among all of these lines, from 1 on
//   run <uuid> <number>     from here on events get the numbers of this run, the next one this number
//   number <first> <last>   the events of these ids have got the next numbers of the run
//   taken <first> <last> <unix seconds>   acknowledged by the service
//   again <first> <last>    the service lost them: they wait again
//   instead <id> <json>     what goes out under this event's number now
//
// Fields are parted by a tab. A line without its end, after a power cut, never counted.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { randomUUID } = require('node:crypto')

const KEEP_SECONDS = 30 * 24 * 3600
const KEEP_BYTES = 2 ** 30

class Spool {
  #file
  #size = 0
  #lock

  constructor (folder, now) {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.path = path.join(folder, 'spool.log')
    this.now = now
    this.#lock = lock(path.join(folder, 'lock'))
    this.events = [] // by id - 1: {offset, length, run, number, taken}
    this.run = ''
    this.next = 1
    this.#open()
    this.begunHere = this.run === ''
    if (this.begunHere) this.begin()
    this.#shrink()
  }

  /** Accept events (JSON texts). They are on disk when this returns. */
  append (texts) {
    this.#write(texts.map(text => ['event', text]))
  }

  /** A new run: what has no number yet gets it there. */
  begin () {
    this.#write([['run', randomUUID(), 1]])
    this.begunHere = true
  }

  /** The greatest number of the run that was given. */
  get through () {
    return this.next - 1
  }

  /** The next events of one run to be sent: {ids, run, first, texts}, or null. Gives numbers to what has none. */
  batch (most, mostBytes) {
    const bare = this.events.findIndex(event => !event.run)
    if (bare >= 0) this.#write([['number', bare + 1, this.events.length]])
    const start = this.events.findIndex(event => event.taken === null)
    if (start < 0) return null
    const { run, number } = this.events[start]
    const ids = []
    for (let at = start, bytes = 0; at < this.events.length && ids.length < most; at++) {
      const event = this.events[at]
      bytes += event.length + 1
      if (event.taken !== null || event.run !== run || event.number !== number + ids.length) break
      if (ids.length && bytes > mostBytes) break
      ids.push(at + 1)
    }
    return { ids, run, first: number, texts: ids.map(id => this.text(id)) }
  }

  text (id) {
    const { offset, length } = this.events[id - 1]
    const bytes = Buffer.alloc(length)
    fs.readSync(this.#file, bytes, 0, length, offset)
    return bytes.toString('utf8')
  }

  acknowledge (ids) {
    this.#write([['taken', ids[0], ids[ids.length - 1], Math.floor(this.now())]])
  }

  replace (id, text) {
    this.#write([['instead', id, text]])
  }

  /** The runs of which something was acknowledged before a moment. */
  runsTakenBefore (moment) {
    return [...new Set(this.events.filter(event => event.taken !== null && event.taken < moment).map(event => event.run))]
  }

  /** Of a run, what was acknowledged before a moment and is not among the spans [first, last] waits again. */
  sendAgain (run, known, moment) {
    const lines = []
    this.events.forEach((event, at) => {
      const lost = event.run === run && event.taken !== null && event.taken < moment &&
        !known.some(([first, last]) => first <= event.number && event.number <= last)
      if (lost) lines.push(['again', at + 1, at + 1])
    })
    if (lines.length) this.#write(lines)
  }

  get waiting () {
    return this.events.filter(event => event.taken === null).length
  }

  close () {
    fs.closeSync(this.#file)
    fs.rmSync(this.#lock, { force: true })
  }

  #open () {
    this.#file = fs.openSync(this.path, 'a+', 0o600)
    const content = fs.readFileSync(this.#file)
    const whole = content.lastIndexOf(10) + 1
    if (whole < content.length) fs.ftruncateSync(this.#file, whole)
    for (let start = 0; start < whole;) {
      const end = content.indexOf(10, start)
      this.#apply(content.toString('utf8', start, end).split('\t'), start, end)
      start = end + 1
    }
    this.#size = whole
  }

  #write (lines) {
    const pieces = lines.map(fields => Buffer.from(fields.join('\t') + '\n'))
    try {
      writeAll(this.#file, Buffer.concat(pieces))
      fs.fsyncSync(this.#file)
    } catch (error) { // a full disk: nothing of it counts
      fs.ftruncateSync(this.#file, this.#size)
      throw error
    }
    lines.forEach((fields, at) => {
      const start = this.#size
      this.#size += pieces[at].length
      this.#apply(fields.map(String), start, this.#size - 1)
    })
  }

  #apply ([kind, ...fields], start, end) {
    const place = text => ({ offset: end - Buffer.byteLength(text), length: Buffer.byteLength(text) })
    switch (kind) {
      case 'event':
        this.events.push({ ...place(fields[0]), run: '', number: 0, taken: null })
        break
      case 'run':
        [this.run, this.next] = [fields[0], Number(fields[1])]
        break
      case 'number':
        for (let id = Number(fields[0]); id <= Number(fields[1]); id++) {
          Object.assign(this.events[id - 1], { run: this.run, number: this.next++ })
        }
        break
      case 'taken':
      case 'again':
        for (let id = Number(fields[0]); id <= Number(fields[1]); id++) {
          this.events[id - 1].taken = kind === 'taken' ? Number(fields[2]) : null
        }
        break
      case 'instead':
        Object.assign(this.events[Number(fields[0]) - 1], place(fields[1]))
        break
      default:
        throw new Error(`the spool holds a line of an unknown kind: ${kind}`)
    }
  }

  /** Writes the file anew without what was acknowledged long ago. */
  #shrink () {
    const before = this.#size > KEEP_BYTES ? Infinity : this.now() - KEEP_SECONDS
    const old = event => event.taken !== null && event.taken < before
    if (!this.events.some(old)) return
    const lines = []
    let [run, next, id] = ['', 0, 0]
    this.events.forEach((event, at) => {
      if (old(event)) return
      id++
      if (event.run && (event.run !== run || event.number !== next)) lines.push(['run', event.run, event.number])
      if (event.run) [run, next] = [event.run, event.number + 1]
      lines.push(['event', this.text(at + 1)])
      if (event.run) lines.push(['number', id, id])
      if (event.taken !== null) lines.push(['taken', id, id, event.taken])
    })
    lines.push(['run', this.run, this.next])
    const fresh = fs.openSync(this.path + '.new', 'w', 0o600)
    writeAll(fresh, Buffer.from(lines.map(fields => fields.join('\t') + '\n').join('')))
    fs.fsyncSync(fresh)
    fs.closeSync(fresh)
    fs.closeSync(this.#file)
    fs.renameSync(this.path + '.new', this.path)
    this.events = []
    this.#open()
  }
}

function writeAll (file, bytes) {
  for (let done = 0; done < bytes.length;) done += fs.writeSync(file, bytes, done)
}

/** One process at a time. A lock whose process is gone is taken over. */
function lock (file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    const owner = Number(fs.readFileSync(file, 'utf8'))
    if (owner && owner !== process.pid && runs(owner)) throw new Error(`the spool is in use by process ${owner}`)
    fs.writeFileSync(file, String(process.pid))
  }
  return file
}

function runs (pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

module.exports = { Spool }
