"""Makes the beginning of replay.html: page.html with rrweb's player (npm, by the lock file), its style and boot.js put in.
The events of a recording follow it, up to the end of the file.

usage: bundle.py NPM SOURCES WORK OUTPUT HEADER
"""
import base64
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

PLAYER, STYLE = 'rrweb-player.umd.min.cjs', 'style.min.css'


def installed(npm, sources, work):
    """The player's folder, from the registry; what was fetched before is taken as it is."""
    lock = (sources / 'package-lock.json').read_bytes()
    done = work / 'installed-lock.json'
    if not done.exists() or done.read_bytes() != lock:
        work.mkdir(parents=True, exist_ok=True)
        for name in ('package.json', 'package-lock.json'):
            shutil.copyfile(sources / name, work / name)
        p = subprocess.run([npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], cwd=work, check=False,
                           capture_output=True, text=True)
        if p.returncode:
            sys.exit(f'bundle: {npm} ci failed (meson setup -Dreplay=disabled builds without the player):\n{p.stderr}')
        done.write_bytes(lock)
    return work / 'node_modules/rrweb-player/dist'


def script(text):
    """As it may stand between <script> and </script>, without the names of maps that aren't there."""
    for bad in ('</script', '<script', '<!--'):
        if bad in text.lower():
            sys.exit(f'bundle: HTML would take {bad!r} in a script for its own')
    return '\n'.join(line for line in text.splitlines() if not line.startswith('//# sourceMappingURL='))


def main():
    npm, sources, work, output, header = sys.argv[1], *map(Path, sys.argv[2:])
    dist = installed(npm, sources, work)
    scripts = {'@PLAYER@': script((dist / PLAYER).read_text('utf-8')), '@BOOT@': script((sources / 'boot.js').read_text('utf-8'))}
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts.values()]
    page = (sources / 'page.html').read_text('utf-8')
    page = page.replace('@HASHES@', ' '.join(f"'sha256-{h}'" for h in hashes))
    page = page.replace('@STYLE@', (dist / STYLE).read_text('utf-8').split('/*# sourceMappingURL')[0].strip())
    for name, text in scripts.items():
        page = page.replace(name, text)
    data = page.encode()
    output.write_bytes(data)
    # what is compiled follows this one, so that a new page gets into the program
    header.write_text(f'/* {hashlib.sha256(data).hexdigest()} */\n#define REPLAY_PAGE "{output.resolve()}"\n')


main()
