"""What the cluster's machines are called, where they are, and the text of slurm.conf. Knows Slurm's settings; starts nothing."""

HEAD = "head"
NODES = ("n1", "n2", "n3")
CORES = 2                      # of every node: processors 0 and 1 of the machine that plays them all
DEVICE = "eth0"                # every machine's only interface but lo
PREFIX = 24
ADDRESSES = {HEAD: "10.77.0.1", **{name: f"10.77.0.1{number}" for number, name in enumerate(NODES, 1)}}

# Times, in seconds, are short where Slurm lets them be. cred_expire is also how long a requeued job waits before it
# starts again (120 by default). SlurmdTimeout: so long a silent node is not yet lost. MinJobAge: so long scontrol knows
# of a job that has ended. config_overrides: a node may have more of anything than the machine that plays it.
SLURM_CONF = """\
ClusterName=sweepd-tests
SlurmctldHost={head}({head_address})
SlurmUser=root
SlurmdUser=root

AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5

StateSaveLocation={folder}/{head}/state
SlurmctldLogFile={folder}/{head}/slurmctld.log
SlurmctldPidFile={folder}/{head}/slurmctld.pid
SlurmdSpoolDir={folder}/%n/spool
SlurmdLogFile={folder}/%n/slurmd.log
SlurmdPidFile={folder}/%n/slurmd.pid
SlurmctldDebug=info
SlurmdDebug=info
MailProg=/bin/true

ProctrackType=proctrack/linuxproc
TaskPlugin=task/affinity
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/none
MpiDefault=pmi2

JobRequeue=1
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdTimeout=10
KillWait=3
MinJobAge=3600

NodeName={nodes} NodeAddr={node_addresses} CPUs={cores} Sockets=1 CoresPerSocket={cores} ThreadsPerCore=1 RealMemory=4000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

# Whatever control groups there are here (or none), slurmd is not to look for systemd to make some.
CGROUP_CONF = "CgroupPlugin=cgroup/v1\n"


def slurm_conf(folder):
    return SLURM_CONF.format(folder=folder, head=HEAD, head_address=ADDRESSES[HEAD], cores=CORES, nodes=",".join(NODES),
                             node_addresses=",".join(ADDRESSES[name] for name in NODES))


def hosts():
    lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in ADDRESSES.items())]
    return "\n".join(lines) + "\n"
