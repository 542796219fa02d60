"""The kinds of file systems that are tried: how a server is started, how a host mounts it, how it is made full.

Each is as its packages have it by default; only folders, ports and keys are its own.
"""
from hosts import ADDRESS, do, wait_until

TINY = "64m"    # of what is filled up


class Gluster:
    """Two bricks, each of which has everything."""
    name = "gluster"
    listings_last_s = 0   # how long a host may show a folder as it was
    programs = ("glusterd", "gluster", "glusterfs", "mount.glusterfs")

    def start(self, lab):
        own = lab.folder / "gluster"
        for name in ("lib", "log", "brick1", "brick2"):
            (own / name).mkdir(parents=True)
        do(lab.server, "mount", "-t", "tmpfs", "tmpfs", "/run")
        for brick in ("brick1", "brick2"):
            do(lab.server, "mount", "-t", "tmpfs", "-o", f"size={TINY}", "tmpfs", own / brick)
        do(lab.server, "mount", "--bind", own / "lib", "/var/lib/glusterd")
        do(lab.server, "mount", "--bind", own / "log", "/var/log/glusterfs")
        do(lab.server, "glusterd")
        wait_until(lambda: lab.server.run("gluster", "volume", "list").returncode == 0, "glusterd does not serve")
        bricks = [f"{ADDRESS}:{own / brick / 'data'}" for brick in ("brick1", "brick2")]
        do(lab.server, "gluster", "--mode=script", "volume", "create", "v", "replica", "2", *bricks, "force")
        do(lab.server, "gluster", "--mode=script", "volume", "start", "v")

    def mount(self, lab, host):
        host.with_network("mount", "-t", "glusterfs", "-o", f"log-file={lab.folder}/{host.name}.gluster.log",
                          f"{ADDRESS}:/v", host.shared)

    def kill_brick(self, lab):
        """The first one's server ends at once."""
        found = do(lab.server, "pgrep", "-f", f"glusterfsd .*{lab.folder}/gluster/brick1").split()
        do(lab.server, "kill", "-KILL", *found)

    def restore_brick(self, lab):
        do(lab.server, "gluster", "--mode=script", "volume", "start", "v", "force")

    def fill(self, lab):
        fill(lab, "gluster/brick1")
        fill(lab, "gluster/brick2")

    def free(self, lab):
        do(lab.server, "rm", lab.folder / "gluster/brick1/filler", lab.folder / "gluster/brick2/filler")


class MooseFS:
    name = "moosefs"
    listings_last_s = 0
    programs = ("mfsmaster", "mfschunkserver", "mfsmount", "mfssetquota")

    def start(self, lab):
        own = lab.folder / "moosefs"
        for name in ("master", "chunks", "disk"):
            (own / name).mkdir(parents=True)
        (own / "master/metadata.mfs").write_text("MFSM NEW")
        user = "WORKING_USER = root\nWORKING_GROUP = root\nNICE_LEVEL = 0\n"
        (own / "exports.cfg").write_text("* / rw,alldirs,admin,maproot=0\n")
        (own / "topology.cfg").write_text("")
        (own / "hdd.cfg").write_text(f"{own}/disk\n")
        (own / "master.cfg").write_text(f"{user}DATA_PATH = {own}/master\nEXPORTS_FILENAME = {own}/exports.cfg\n"
                                        f"TOPOLOGY_FILENAME = {own}/topology.cfg\n")
        (own / "chunks.cfg").write_text(f"{user}DATA_PATH = {own}/chunks\nHDD_CONF_FILENAME = {own}/hdd.cfg\n"
                                        f"MASTER_HOST = {ADDRESS}\n")
        do(lab.server, "mfsmaster", "-c", own / "master.cfg", "start")
        do(lab.server, "mfschunkserver", "-c", own / "chunks.cfg", "start")

    def mount(self, lab, host):
        host.with_network("mfsmount", "-H", ADDRESS, host.shared)

    def fill(self, lab):
        """By a quota, of the folder that the sweeps of a play are in."""
        lab.hosts[0].with_network("mfssetquota", "-L", "4Ki", lab.hosts[0].shared / "it_becomes_full")

    def free(self, lab):
        lab.hosts[0].with_network("mfsdelquota", "-L", lab.hosts[0].shared / "it_becomes_full")


class Sshfs:
    name = "sshfs"
    listings_last_s = 21
    programs = ("sshfs", "sshd", "ssh-keygen")

    def start(self, lab):
        own = lab.folder / "ssh"
        (own / "disk").mkdir(parents=True)
        do(lab.server, "mount", "-t", "tmpfs", "tmpfs", "/run")
        do(lab.server, "mkdir", "/run/sshd")
        do(lab.server, "mount", "-t", "tmpfs", "-o", f"size={TINY}", "tmpfs", own / "disk")
        do(lab.server, "mkdir", own / "disk/files")
        for key in ("host", "user"):
            do(lab.server, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", own / key)
        (own / "user.pub").rename(own / "authorized")
        (own / "known").write_text(f"[{ADDRESS}]:2222 {(own / 'host.pub').read_text()}")
        (own / "sshd_config").write_text(
            f"ListenAddress {ADDRESS}:2222\nHostKey {own}/host\nAuthorizedKeysFile {own}/authorized\nUsePAM no\n"
            f"StrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\nPidFile none\n"
            "Subsystem sftp internal-sftp\n")
        do(lab.server, "/usr/sbin/sshd", "-f", own / "sshd_config", "-E", own / "sshd.log")

    def mount(self, lab, host):
        own = lab.folder / "ssh"
        options = f"port=2222,IdentityFile={own}/user,UserKnownHostsFile={own}/known,BatchMode=yes"
        host.with_network("sshfs", "-F", "/dev/null", "-o", options, f"root@{ADDRESS}:{own}/disk/files", host.shared)

    def fill(self, lab):
        fill(lab, "ssh/disk")

    def free(self, lab):
        do(lab.server, "rm", lab.folder / "ssh/disk/filler")


def fill(lab, disk):
    """Writes on one of the server's disks until nothing more is taken."""
    lab.server.run("dd", "if=/dev/zero", f"of={lab.folder / disk}/filler", "bs=4k")


KINDS = (Gluster(), MooseFS(), Sshfs())
