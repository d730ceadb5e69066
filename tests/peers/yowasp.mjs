// Runs the Yosys of npm package @yowasp/yosys on the files of the current folder:
//   node yowasp.mjs PACKAGE_FOLDER SCRIPT
// Every file of the folder is there for the script, and what it writes comes back into the folder.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, script] = process.argv.slice(2);
if (!script) {
    console.error('usage: node yowasp.mjs PACKAGE_FOLDER SCRIPT');
    process.exit(2);
}
const entry = path.join(folder, 'node_modules/@yowasp/yosys/gen/bundle.js');
const { runYosys } = await import(pathToFileURL(path.resolve(entry)).href);
const files = {};
for (const name of fs.readdirSync('.'))
    if (fs.statSync(name).isFile()) // follows links
        files[name] = fs.readFileSync(name);
const print = bytes => bytes && fs.writeSync(1, bytes);
try {
    const args = script === '-V' ? ['-V'] : ['-s', script];
    const result = await runYosys(args, files, { stdout: print, stderr: print });
    for (const [name, data] of Object.entries(result ?? {}))
        if (data instanceof Uint8Array || typeof data === 'string')
            if (!files[name] || Buffer.compare(Buffer.from(data), files[name]) !== 0)
                fs.writeFileSync(name, data);
} catch (error) {
    console.error(`ERROR: ${error.message ?? error}`);
    process.exit(1);
}
