// node main.js URL SPOOL EVENTS [SECONDS]: takes in a file of events (JSON Lines) and sends all that waits. The token comes
// as WEBOFFICE_TOKEN. SECONDS are added to the clock: that is for `weboffice conform`.
'use strict'

const fs = require('node:fs')
const { TillClient } = require('./till.js')

async function main ([url, spool, events, ahead = '0']) {
  const now = () => Date.now() / 1000 + Number(ahead)
  const till = new TillClient(url, process.env.WEBOFFICE_TOKEN || '', spool, { now })
  try {
    const lines = fs.readFileSync(events, 'utf8').split('\n').filter(line => line.trim())
    till.append(lines.map(line => JSON.parse(line)))
    const withdrawn = await till.send(30)
    for (const { number, at, detail } of withdrawn) console.error(`refused: ${number} ${at} ${detail}`)
    return withdrawn.length ? 1 : 0
  } catch (error) {
    console.error(`${error.name}: ${error.message}`)
    return 3
  } finally {
    till.close()
  }
}

main(process.argv.slice(2)).then(code => { process.exitCode = code })
