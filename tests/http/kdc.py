"""A Kerberos realm of its own: MIT's KDC, in a folder, at a free port of this machine."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SBIN = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
PROGRAMS = {
    name: shutil.which(name, path=_SBIN) for name in ("krb5kdc", "kdb5_util", "kadmin.local")
}
MISSING = ", ".join(name for name, path in PROGRAMS.items() if path is None)
"""The programs that are not installed."""

_PATIENCE = 30.0


@dataclass(frozen=True)
class Realm:
    """A realm that runs. `environment` lets libkrb5 find it."""

    folder: Path
    name: str
    environment: dict[str, str]

    def add(self, principal: str, password: str) -> None:
        self._administer(f"addprinc -pw {password} {principal}")

    def keytab(self, *services: str) -> Path:
        """A keytab with new keys for services."""
        path = self.folder / f"{len(list(self.folder.glob('*.keytab')))}.keytab"
        for service in services:
            self._administer(f"addprinc -randkey {service}")
            self._administer(f"ktadd -k {path} {service}")
        return path

    def _administer(self, command: str) -> None:
        _run(self.environment, "kadmin.local", "-r", self.name, "-q", command)


@contextmanager
def realm(folder: Path, name: str) -> Iterator[Realm]:
    """Run a KDC for a realm."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (folder / "krb5.conf").write_text(
        f"""[libdefaults]
            default_realm = {name}
            dns_lookup_kdc = false
            dns_lookup_realm = false
            dns_canonicalize_hostname = false
            rdns = false
            udp_preference_limit = 1
        [realms]
            {name} = {{
                kdc = 127.0.0.1:{port}
            }}
        [domain_realm]
            .contoso.com = {name}
        [logging]
            kdc = FILE:{folder}/kdc.log
        """
    )
    (folder / "kdc.conf").write_text(
        f"""[kdcdefaults]
            kdc_listen = ""
            kdc_tcp_listen = 127.0.0.1:{port}
        [realms]
            {name} = {{
                database_name = {folder}/principal
                key_stash_file = {folder}/stash
                acl_file = {folder}/acl
            }}
        """
    )
    environment = {
        "KRB5_CONFIG": str(folder / "krb5.conf"),
        "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
        "KRB5RCACHENAME": f"dfl:{folder}",
        "KRB5CCNAME": f"FILE:{folder}/ccache",
    }
    _run(environment, "kdb5_util", "create", "-s", "-P", "master", "-r", name)
    process = subprocess.Popen(
        [str(PROGRAMS["krb5kdc"]), "-n", "-r", name, "-P", str(folder / "pid")],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(process, port)
        yield Realm(folder, name, environment)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _run(environment: dict[str, str], program: str, *arguments: str) -> None:
    subprocess.run(
        [str(PROGRAMS[program]), *arguments],
        env={**os.environ, **environment},
        check=True,
        capture_output=True,
        timeout=_PATIENCE,
    )


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the KDC does not listen")
