// The worker in which gotest.mjs runs a Go test binary. It answers { line } for what the tests print, and at last
// { code }.

/** @type {any} */
const scope = globalThis;

/**
 * A file system to read from, in the form that Go's runtime wants: callbacks, as Node's fs has them.
 * @param {string} cwd
 */
function readOnlyFiles(cwd) {
  const open = new Map();
  const failure = (code, done) => done(Object.assign(new Error(code), { code }));
  let line = '';
  return {
    constants: { O_WRONLY: -1, O_RDWR: -1, O_CREAT: -1, O_TRUNC: -1, O_APPEND: -1, O_EXCL: -1, O_DIRECTORY: -1 },
    writeSync(fd, bytes) {
      const lines = (line + new TextDecoder().decode(bytes.slice())).split('\n');
      line = lines.pop();
      lines.forEach(l => scope.postMessage({ line: l }));
      return bytes.length;
    },
    write(fd, bytes, offset, length, position, done) {
      done(null, this.writeSync(fd, bytes.subarray(offset, offset + length)));
    },
    async open(path, flags, mode, done) {
      const response = await fetch(`/file${encodeURI(path.startsWith('/') ? path : `${cwd}/${path}`)}`);
      if (!response.ok) return failure('ENOENT', done);
      const fd = 100 + open.size;
      open.set(fd, { bytes: new Uint8Array(await response.arrayBuffer()), at: 0 });
      done(null, fd);
    },
    fstat(fd, done) {
      const size = open.get(fd)?.bytes.length ?? 0;
      done(null, {
        size, dev: 0, ino: fd, mode: 0o100444, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 4096, blocks: 0,
        atimeMs: 0, mtimeMs: 0, ctimeMs: 0,
        isDirectory: () => false,
      });
    },
    read(fd, buffer, offset, length, position, done) {
      const file = open.get(fd);
      const from = position ?? file.at;
      const piece = file.bytes.subarray(from, from + length);
      buffer.set(piece, offset);
      if (position === null) file.at += piece.length;
      done(null, piece.length);
    },
    close(fd, done) { done(null); },
    fsync(fd, done) { done(null); },
    stat(path, done) { failure('ENOSYS', done); },
    lstat(path, done) { failure('ENOSYS', done); },
  };
}

scope.onmessage = async ({ data: { way, args, env, cwd } }) => {
  scope.fs = readOnlyFiles(cwd);
  scope.process = {
    cwd: () => cwd,
    pid: 1, ppid: 1,
    umask: () => 0,
    getuid: () => 0, getgid: () => 0,
    geteuid: () => 0, getegid: () => 0,
    getgroups: () => [],
  };
  await import('/wasm_exec.js');
  const { memoryFor, run } = await import('/program.js');
  const { Pool } = await import('/pool.js');
  const compile = url => WebAssembly.compileStreaming(fetch(url));
  const [program, kernels] = await Promise.all([
    compile(way.endsWith('_shared') ? '/program_shared.wasm' : '/program.wasm'),
    compile(`/kernels_${way}.wasm`),
  ]);
  const memory = memoryFor(program);
  // What the engine's worker offers its program, a test may use as well.
  const pool = new Pool(message => scope.postMessage(message));
  scope.onmessage = ({ data: { generation, number }, ports: [port] }) => pool.connect(generation, number, port);
  scope.startHelpers = helpers =>
    pool.start(way.endsWith('_shared') ? helpers.map(helper => ({ memory, kernels, ...helper })) : []);
  const go = new scope.Go();
  go.argv = ['test', ...args];
  go.env = env;
  let code = 0;
  go.exit = c => { code = c; };
  await run(program, kernels, memory, go);
  scope.postMessage({ line: `${way}: ${memory.buffer.byteLength >> 20} MiB of memory` });
  scope.postMessage({ code });
};
