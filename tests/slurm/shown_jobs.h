// What Slurm 22.05 printed for `scontrol show job`.
#pragma once

namespace sweepd {

inline constexpr const char* shown_job = R"(JobId=1 JobName=job name  Requeue=9
   UserId=root(0) GroupId=root(0) MCS_label=N/A
   Priority=4294901759 Nice=0 Account=(null) QOS=(null)
   JobState=RUNNING Reason=None Dependency=(null)
   Requeue=1 Restarts=2 BatchFlag=1 Reboot=0 ExitCode=0:0
   RunTime=00:00:01 TimeLimit=00:05:00 TimeMin=N/A
   SubmitTime=2026-11-22T20:57:44 EligibleTime=2026-11-22T20:57:44
   AccrueTime=2026-11-22T20:57:44
   StartTime=2026-11-22T20:57:44 EndTime=2026-11-22T21:02:44 Deadline=N/A
   SuspendTime=None SecsPreSuspend=0 LastSchedEval=2026-11-22T20:57:44 Scheduler=Main
   Partition=all AllocNode:Sid=localhost:13329
   ReqNodeList=(null) ExcNodeList=(null)
   NodeList=f[1-2]
   BatchHost=f1
   NumNodes=2 NumCPUs=5 NumTasks=5 CPUs/Task=1 ReqB:S:C:T=0:0:*:*
   TRES=cpu=5,node=2,billing=5
   Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=*
   MinCPUsNode=1 MinMemoryCPU=100M MinTmpDiskNode=0
   Features=(null) DelayBoot=00:00:00
   OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null)
   Command=/home/a/a dir/x=y/show.sh -j 2 b c
   WorkDir=/home/a/my work
   Comment=x EndTime=Unknown y 
   StdErr=/home/a/slurm-1.out
   StdIn=/dev/null
   StdOut=/home/a/slurm-1.out
   Power=
   

)";

inline constexpr const char* shown_job_on_one_line =
    "JobId=1 JobName=job name  Requeue=9 UserId=root(0) GroupId=root(0) MCS_label=N/A Priority=4294901759 "
    "Nice=0 Account=(null) QOS=(null) JobState=RUNNING Reason=None Dependency=(null) Requeue=1 Restarts=2 "
    "BatchFlag=1 Reboot=0 ExitCode=0:0 RunTime=00:00:01 TimeLimit=00:05:00 TimeMin=N/A "
    "SubmitTime=2026-11-22T20:57:44 EligibleTime=2026-11-22T20:57:44 AccrueTime=2026-11-22T20:57:44 "
    "StartTime=2026-11-22T20:57:44 EndTime=2026-11-22T21:02:44 Deadline=N/A SuspendTime=None "
    "SecsPreSuspend=0 LastSchedEval=2026-11-22T20:57:44 Scheduler=Main Partition=all "
    "AllocNode:Sid=localhost:13329 ReqNodeList=(null) ExcNodeList=(null) NodeList=f[1-2] BatchHost=f1 "
    "NumNodes=2 NumCPUs=5 NumTasks=5 CPUs/Task=1 ReqB:S:C:T=0:0:*:* TRES=cpu=5,node=2,billing=5 "
    "Socks/Node=* NtasksPerN:B:S:C=0:0:*:* CoreSpec=* MinCPUsNode=1 MinMemoryCPU=100M MinTmpDiskNode=0 "
    "Features=(null) DelayBoot=00:00:00 OverSubscribe=OK Contiguous=0 Licenses=(null) Network=(null) "
    "Command=/home/a/a dir/x=y/show.sh -j 2 b c WorkDir=/home/a/my work Comment=x EndTime=Unknown y  "
    "StdErr=/home/a/slurm-1.out StdIn=/dev/null StdOut=/home/a/slurm-1.out Power= \n";

// An array whose last task has the array's own number, and so stands for all of them.
inline constexpr const char* shown_array = R"(JobId=2 ArrayJobId=2 ArrayTaskId=4 JobName=show.sh
   JobState=RUNNING Reason=None Dependency=(null)
   Requeue=0 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0
   RunTime=00:00:01 TimeLimit=UNLIMITED TimeMin=N/A
   StartTime=2026-11-22T20:57:45 EndTime=Unknown Deadline=N/A
   MinCPUsNode=1 MinMemoryNode=0 MinTmpDiskNode=0
   Command=(null)
   WorkDir=/w

JobId=4 ArrayJobId=2 ArrayTaskId=3 JobName=show.sh
   JobState=RUNNING Reason=None Dependency=(null)
   Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0
   RunTime=00:00:01 TimeLimit=1-00:00:00 TimeMin=N/A
   StartTime=2026-11-22T20:57:45 EndTime=2026-11-23T20:57:45 Deadline=N/A
   NumNodes=1 NumCPUs=2 NumTasks=2 CPUs/Task=4 ReqB:S:C:T=0:0:*:*
   MinCPUsNode=1 MinMemoryNode=8G MinTmpDiskNode=0

JobId=5 ArrayJobId=2 ArrayTaskId=5-9%2 JobName=show.sh
   JobState=PENDING Reason=JobArrayTaskLimit Dependency=(null)
   Requeue=1 Restarts=0 BatchFlag=1 Reboot=0 ExitCode=0:0
   StartTime=Unknown EndTime=Unknown Deadline=N/A
)";

}  // namespace sweepd
