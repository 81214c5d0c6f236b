"""Make the ``.venv`` that every command of this project runs in, and repair it when half made.

Standard library only, in words that an old Python can parse, because it runs before anything
is installed. Installing again is safe: a stamp is written last, so a run that was cut off
leaves none and the next one repairs what is there.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)
#: Bytes that an installation takes, with room for the packages' own downloads.
ROOM_FOR_PACKAGES = 1500 * 1024 * 1024
#: Bytes that a database with the demo province and its pictures takes.
ROOM_FOR_DATA = 400 * 1024 * 1024


def stop(message):
    """End with one line that says what is wrong and what to do."""
    sys.stderr.write("%s: %s\n" % (os.path.basename(sys.argv[0]), message))
    raise SystemExit(1)


def check_python():
    """Refuse a Python that is too old for Django and Wagtail."""
    if sys.version_info < OLDEST:
        stop(
            "needs Python %d.%d or newer, this is %s. Run it as: python3.11 %s"
            % (OLDEST + (sys.version.split()[0], sys.argv[0]))
        )


def check_room(needed):
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(ROOT).free
    if free < needed:
        stop(
            "needs %d MB of free disk space, %d MB are left. Make room and run it again."
            % (needed // 1024**2, free // 1024**2)
        )


def _stamp_path(requirements):
    return os.path.join(VENV, "installed-" + os.path.basename(requirements))


def _fingerprint(requirements):
    """What an installation depends on: this Python and the pinned packages."""
    digest = hashlib.sha256(sys.version.encode())
    for name in ("requirements.txt", os.path.basename(requirements)):
        with open(os.path.join(ROOT, name), "rb") as lines:
            digest.update(lines.read())
    return digest.hexdigest()


def is_installed(requirements):
    """Whether the pinned packages are there, all of them."""
    try:
        with open(_stamp_path(requirements)) as stamp:
            return stamp.read() == _fingerprint(requirements) and os.path.exists(PYTHON)
    except OSError:
        return False


def install(requirements="requirements.txt", say=print):
    """Create ``.venv`` when missing and install the pinned packages into it."""
    if is_installed(requirements):
        return
    check_room(ROOM_FOR_PACKAGES)
    if not _venv_works():
        say("Creating .venv ...")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]):
            stop("could not create .venv. On Debian and Ubuntu: apt install python3-venv")
    say("Installing the packages of %s (two minutes or so, the first time) ..." % requirements)
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--no-input", "--requirement", os.path.join(ROOT, requirements)]
    command += [] if sys.stdout.isatty() else ["--quiet"]
    if subprocess.call(command):
        stop("installing failed (see above). Run it again: it goes on where it stopped.")
    with open(_stamp_path(requirements), "w") as stamp:
        stamp.write(_fingerprint(requirements))


def _venv_works():
    """Whether ``.venv`` has a Python of this version that can run pip."""
    probe = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.check_output([PYTHON, "-c", probe], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False
    return found.decode().strip() == "%d.%d" % sys.version_info[:2]


def compile_catalogues():
    """Compile the message catalogues whose translations changed since."""
    if subprocess.call([PYTHON, "-m", "theme.catalogues"], cwd=ROOT):
        stop("the message catalogues could not be compiled (see above).")
