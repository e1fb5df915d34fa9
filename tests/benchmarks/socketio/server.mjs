// What chat is measured against: Socket.IO as its own tutorial has it, with one INSERT a message.
//
// A message is committed in a transaction of its own before its ack, and then sent to the others in
// its conversation's room. Nothing more: no log in between, no repeat recognised, nothing encrypted.
// Its settings are those that a good engineer would take for speed, each with its reason.

import { createServer } from 'node:http';
import process from 'node:process';
import pg from 'pg';
import { Server } from 'socket.io';

const [port, url] = process.argv.slice(2);

const TABLE = `
  CREATE TABLE IF NOT EXISTS message (
    id uuid PRIMARY KEY,
    conversation uuid NOT NULL,
    sender text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX IF NOT EXISTS message_conversation ON message (conversation);
`;

// Prepared once for each connection, by its name.
const INSERT = {
  name: 'insert-message',
  text: 'INSERT INTO message (id, conversation, sender, text) VALUES ($1, $2, $3, $4) RETURNING at',
};

// 10 is the pool's own default, and as many commits at once as two cores have use for.
const pool = new pg.Pool({ connectionString: url, max: 10 });
await pool.query(TABLE);

const http = createServer((_, response) => response.end('ok'));

const io = new Server(http, {
  transports: ['websocket'], // no long-polling first
  perMessageDeflate: false, // it costs more than short texts have to save
  httpCompression: false,
  serveClient: false,
});

io.on('connection', (socket) => {
  socket.on('join', async (conversation, done) => {
    await socket.join(conversation);
    done();
  });
  socket.on('post', async ({ id, conversation, text }, done) => {
    const values = [id, conversation, socket.id, text];
    const { rows } = await pool.query({ ...INSERT, values });
    // Its sender has the ack, and no need of the text.
    socket.to(conversation).emit('message', { id, conversation, sender: socket.id, text, at: rows[0].at });
    done(id);
  });
});

http.listen(Number(port), '127.0.0.1');
