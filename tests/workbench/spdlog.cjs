// Stands in for the native logger of VS Code, without which every output channel of an extension stays empty.
const fs = require('node:fs');
const path = require('node:path');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];
const NAMES = ['trace', 'debug', 'info', 'warn', 'error', 'critical'];

class Logger {
  #file;
  #level = LEVELS.indexOf('info');
  #plain = false;

  constructor(file) {
    this.#file = file;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.appendFileSync(file, '');
  }

  write(level, message) {
    if (level >= this.#level) {
      const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
      fs.appendFileSync(this.#file, this.#plain ? message : `${time} [${LEVELS[level]}] ${message}\n`);
    }
  }

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  clearFormatters() {
    this.#plain = true;
  }

  setPattern() {}
  flush() {}
  drop() {}
}

NAMES.forEach((name, level) => {
  Logger.prototype[name] = function (message) {
    this.write(level, message);
  };
});

const create = async (_name, file) => new Logger(file);
module.exports = {
  version: 'stand-in',
  Logger,
  createRotatingLogger: create,
  createAsyncRotatingLogger: create,
  setLevel() {},
  setFlushOn() {},
};
