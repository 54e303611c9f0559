"""A Slurm cluster on this machine's loopback interface: a controller and two nodes, for tests.

By hand: ``python tests/cluster/slurm.py bash`` starts one, runs a command in it, and stops it. It
needs Debian's ``slurm-wlm`` and ``munge``; the machine's own Slurm is not touched.
"""

import contextlib
import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "squeue")
NODES = ("one", "two")
CONFIGURATION = """
ClusterName=deepmir-test
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
SlurmdTimeout=6
MinJobAge=86400
KillWait=2
MpiDefault=none
NodeName=DEFAULT CPUs=2 RealMemory=8000 Gres=gpu:1
NodeName=one NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[1]}
NodeName=two NodeHostname=localhost NodeAddr=127.0.0.1 Port={ports[2]}
PartitionName=cpu Nodes=one,two Default=YES
PartitionName=gpu Nodes=one,two
"""
# Jobs do not inherit where the configuration is, and the steps of a job start with this command.
SRUN = """#!/bin/sh
export SLURM_CONF={folder}/slurm.conf
exec {srun} "$@"
"""
# There is no accounting to ask. Snakemake's plugin asks it all the same when the controller is slow
# to tell its settings, and then forgets its jobs; and of a job whose node died, for the node.
SACCT = """#!/bin/sh
case "$*" in *nodelist*) exec squeue --states=all --noheader --jobs="$2" --format=%N ;; esac
exec squeue --states=all --noheader --format='%i|%T'
"""


def missing() -> str:
    """The packages to install, if any."""
    there = all(shutil.which(program) for program in PROGRAMS)
    return "" if there else "needs Slurm: apt-get install slurm-wlm munge"


class Cluster:
    """A cluster that runs until it is closed; its environment is that of the submitting user."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("state", "bin", *(f"spool-{node}" for node in NODES)):
            (folder / name).mkdir(parents=True)
        with contextlib.ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
            for each in sockets:
                each.bind(("127.0.0.1", 0))
            ports = [each.getsockname()[1] for each in sockets]
        values = {"folder": folder, "user": getpass.getuser(), "ports": ports}
        self._write("slurm.conf", CONFIGURATION.format(**values))
        self._write("gres.conf", "NodeName=one,two Name=gpu File=/dev/null\n")  # to be counted
        self._write("bin/srun", SRUN.format(folder=folder, srun=shutil.which("srun")), 0o755)
        self._write("bin/sacct", SACCT, 0o755)
        key = folder / "munge.key"
        key.touch(0o600)
        key.write_bytes(secrets.token_bytes(128))
        self.environment = {
            **{name: value for name, value in os.environ.items() if name[:6] != "SLURM_"},
            "SLURM_CONF": f"{folder}/slurm.conf",
            "PATH": f"{folder}/bin:{os.environ['PATH']}",
        }
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start the daemons, and wait until the nodes are idle."""
        files = {"key-file": "munge.key", "socket": "munge.sock", "pid-file": "munge.pid"}
        files |= {"log-file": "munge.log", "seed-file": "munge.seed"}
        options = [f"--{option}={self.folder / name}" for option, name in files.items()]
        self._start("munged", "munged", "--force", "--foreground", *options)
        self._wait_for((self.folder / "munge.sock").exists)
        self._start("slurmctld", "slurmctld", "-D")
        for node in NODES:
            self._start(node, "slurmd", "-D", "-N", node)
        idle = {f"{node} idle" for node in NODES}
        self._wait_for(lambda: {*self.ask("sinfo", "-Nho", "%N %T").splitlines()} == idle)

    def _write(self, name: str, text: str, mode: int = 0o644) -> None:
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(mode)

    def _start(self, name: str, *command: str) -> None:
        # What serves a job is named after it in all but the folder where its daemon was started.
        place = self.folder / f"spool-{name}" if name in NODES else self.folder
        options = {"env": self.environment, "cwd": place, "start_new_session": True}
        with (self.folder / f"{name}.out").open("w") as out:
            self.daemons[name] = subprocess.Popen(command, stdout=out, stderr=out, **options)

    def _wait_for(self, condition, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                logs = sorted(self.folder.glob("*.out"))
                raise TimeoutError("\n".join(f"{log}:\n{log.read_text()}" for log in logs))
            time.sleep(0.2)

    def ask(self, *command: str) -> str:
        """The output of a Slurm program."""
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        return done.stdout

    def kill(self, node: str) -> None:
        """Stop a node as a power cut does: its daemon, and everything that runs on it."""
        self.daemons[node].kill()
        self.daemons[node].wait()
        spool, mark = self.folder / f"spool-{node}", f"SLURMD_NODENAME={node}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (process / "environ").read_bytes()
                is_job = mark in environment and str(self.folder).encode() in environment
                if is_job or (process / "cwd").readlink() == spool:
                    os.kill(int(process.name), signal.SIGKILL)

    def close(self) -> None:
        """Stop all jobs and daemons."""
        self.ask("scancel", "--user", getpass.getuser(), "--signal=KILL", "--full")
        for name in self.daemons.keys() & {*NODES}:
            self.kill(name)
        for name in self.daemons.keys() - {*NODES}:
            self.daemons[name].terminate()
            self.daemons[name].wait(30)


@contextlib.contextmanager
def running():
    """A cluster in its own folder, whose name is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o755)
    cluster = Cluster(folder)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with running() as here:
        raise SystemExit(subprocess.run(sys.argv[1:], env=here.environment).returncode)
