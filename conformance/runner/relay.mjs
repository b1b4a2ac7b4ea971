#!/usr/bin/env node
// What a client starts in the place of a helper: it hands on its stdin to the runner, and what the runner says to its stdout.
import { connect } from 'node:net';

const socket = connect(process.env.CONFORMANCE_SOCKET ?? '');
socket.on('error', () => process.exit(70));
process.stdout.on('error', () => process.exit(0));
socket.write(`${JSON.stringify({ pid: process.pid, args: process.argv.slice(2) })}\n`);
process.stdin.pipe(socket);
socket.pipe(process.stdout);
socket.on('end', () => process.stdout.end(() => process.exit(0)));
