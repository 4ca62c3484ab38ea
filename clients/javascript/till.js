// A till client for Node 18 or newer, without packages: keeps events on disk and sends each once, whatever breaks.
//
//   const till = new TillClient('https://example.ru', token, '/var/lib/till/spool')
//   till.append({ type: 'sale.registered', … })   // safe from here on
//   await till.send()                             // whenever there may be a network, and once an hour in any case
'use strict'

const zlib = require('node:zlib')
const { Spool } = require('./spool.js')

const UPLOADS = '/api/v1/uploads'
const ASK_EVERY_S = 3600
const ASK_AGAIN_S = 60
const ON_ITS_WAY_S = 600 // what was acknowledged since may not be applied yet
const FIRST_PAUSE_S = 0.5
const LONGEST_PAUSE_S = 60
const LONGEST_WAIT_S = 3600 // a mistaken Retry-After must not silence a till for days

/** Trying again can't help: the token, the address or the program is wrong. Everything stays in the spool. */
class UploadStopped extends Error {
  constructor (status, detail) {
    super(`answer ${status}${detail ? `: ${detail}` : ''}`)
    this.status = status
  }
}

/** Nothing was acknowledged within the time allowed. Everything stays in the spool. */
class GaveUp extends Error {}

class TillClient {
  #askAt = 0
  #confirmed = false
  #cut

  /** `now`: Unix seconds. */
  constructor (url, token, folder, { batchEvents = 100, batchBytes = 2 ** 20, timeoutS = 60, now = () => Date.now() / 1000 } = {}) {
    Object.assign(this, { url: url.replace(/\/+$/, ''), token, batchEvents, batchBytes, timeoutS, now })
    this.#cut = batchEvents
    this.spool = new Spool(folder, now)
  }

  /** Accept an event, or a list of them. On disk when this returns. */
  append (events) {
    const texts = [events].flat().map(event => JSON.stringify(event))
    if (texts.length) this.spool.append(texts)
  }

  /** Send until nothing waits; returns what was refused, [{run, number, at, detail}]. Throws UploadStopped, GaveUp. */
  async send (giveUpAfterS = Infinity) {
    const attempts = new Attempts(giveUpAfterS)
    const withdrawn = []
    await this.#confirm(attempts)
    for (;;) {
      await this.#lookForLost()
      const batch = this.spool.batch(this.#cut, this.batchBytes)
      if (!batch) return withdrawn
      const answer = await this.#upload(batch)
      const { status, content } = answer
      if (status === 202 && content.accepted === batch.ids.length && content.next_seq === batch.first + batch.ids.length) {
        this.spool.acknowledge(batch.ids)
        this.#cut = Math.min(this.#cut * 2, this.batchEvents)
        attempts.succeeded()
      } else if ((status === 413 || status === 422) && typeof content.error === 'string') {
        this.#mend(batch, answer, withdrawn)
      } else if (status === 413 && batch.ids.length > 1) { // a proxy on the way has a limit of its own
        this.#cut = batch.ids.length >> 1
      } else if (final(status)) {
        throw new UploadStopped(status, content.detail)
      } else {
        await attempts.failed(answer)
      }
    }
  }

  get waiting () {
    return this.spool.waiting
  }

  close () {
    this.spool.close()
  }

  /** A spool that was there before: more known to the service than was ever numbered here means an older copy of it. */
  async #confirm (attempts) {
    while (!this.#confirmed && !this.spool.begunHere) {
      const answer = await this.#state(this.spool.run)
      const known = spans(answer)
      if (known) {
        if (Math.max(...known.map(([, last]) => last)) > this.spool.through) this.spool.begin()
        this.#confirmed = true
        attempts.succeeded()
      } else if (final(answer.status)) {
        throw new UploadStopped(answer.status, answer.content.detail)
      } else {
        await attempts.failed(answer)
      }
    }
  }

  /** Once an hour: what was acknowledged, and the service no longer has, goes out again. */
  async #lookForLost () {
    const now = this.now()
    if (now < this.#askAt) return
    this.#askAt = now + ASK_AGAIN_S
    for (const run of this.spool.runsTakenBefore(now - ON_ITS_WAY_S)) {
      const known = spans(await this.#state(run))
      if (!known) return
      this.spool.sendAgain(run, known, now - ON_ITS_WAY_S)
    }
    this.#askAt = now + ASK_EVERY_S
  }

  /** A refused batch: the event that is wrong is withdrawn under its number; where none is named, the batch is cut. */
  #mend (batch, { content }, withdrawn) {
    const named = /^events\[(\d+)\]/.exec(content.at || '')
    const position = named ? Number(named[1]) : batch.ids.length === 1 ? 0 : null
    if (position === null) {
      this.#cut = batch.ids.length >> 1
      return
    }
    if (position >= batch.ids.length || batch.texts[position].startsWith('{"type":"event.withdrawn"')) {
      throw new UploadStopped(422, content.detail)
    }
    const place = content.at.replace(/^events\[\d+\]\.?/, '')
    const reason = `${place}: ${content.detail || content.error}`.slice(0, 400)
    const at = new Date(this.now() * 1000).toISOString()
    this.spool.replace(batch.ids[position], JSON.stringify({ type: 'event.withdrawn', at, reason }))
    withdrawn.push({ run: batch.run, number: batch.first + position, at: content.at, detail: content.detail })
  }

  #upload (batch) {
    const body = `{"run":"${batch.run}","first_seq":${batch.first},"events":[${batch.texts.join(',')}]}`
    const headers = { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' }
    return this.#ask(UPLOADS, { method: 'POST', headers, body: zlib.gzipSync(body) })
  }

  #state (run) {
    return this.#ask(`${UPLOADS}/state?run=${encodeURIComponent(run)}`, { headers: {} })
  }

  /** {status, content, retryAfter}; status 0 where there was no answer: nobody knows. */
  async #ask (path, request) {
    request.headers.Authorization = `Bearer ${this.token}`
    try {
      const signal = AbortSignal.timeout(this.timeoutS * 1000)
      const answer = await fetch(this.url + path, { ...request, redirect: 'manual', signal })
      const text = await answer.text()
      return { status: answer.status, content: parsed(text), retryAfter: waitAsked(answer.headers.get('retry-after')) }
    } catch {
      return { status: 0, content: {}, retryAfter: 0 }
    }
  }
}

/** Pauses between attempts: by chance, below a bound that doubles, after what Retry-After asks for. */
class Attempts {
  #failures = 0
  #progress = performance.now()

  constructor (giveUpAfterS) {
    this.giveUpAfterS = giveUpAfterS
  }

  succeeded () {
    this.#failures = 0
    this.#progress = performance.now()
  }

  async failed ({ status, retryAfter }) {
    const bound = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** Math.min(this.#failures++, 10))
    const pause = retryAfter + Math.random() * (retryAfter ? FIRST_PAUSE_S : bound)
    const waited = (performance.now() - this.#progress) / 1000
    if (waited + pause > this.giveUpAfterS) throw new GaveUp(`nothing was acknowledged; last answer: ${status || 'none'}`)
    await new Promise(resolve => setTimeout(resolve, pause * 1000))
  }
}

/** Whether an answer stays the same however often it is asked for. */
function final (status) {
  return status >= 400 && status < 500 && ![408, 425, 429].includes(status)
}

/** The numbers that the service has, by its answer to `state`; null where it is no such answer. */
function spans ({ status, content }) {
  if (status !== 200 || !Number.isInteger(content.applied_through) || !Array.isArray(content.waiting)) return null
  return [[1, content.applied_through], ...content.waiting, ...(content.quarantined || [])]
}

function waitAsked (header) {
  const seconds = /^\d+$/.test(header || '') ? Number(header) : (Date.parse(header || '') - Date.now()) / 1000
  return Math.min(Math.max(seconds || 0, 0), LONGEST_WAIT_S)
}

function parsed (text) {
  try {
    const content = JSON.parse(text)
    return content && typeof content === 'object' && !Array.isArray(content) ? content : {}
  } catch {
    return {}
  }
}

module.exports = { TillClient, UploadStopped, GaveUp }
