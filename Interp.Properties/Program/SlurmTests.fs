/// A study on a cluster: a real Slurm of one node, on loopback, in a directory of its own.
module Interp.Properties.SlurmTests

open System
open System.Diagnostics
open System.IO
open System.Net
open System.Net.Sockets
open System.Security.Cryptography
open System.Threading
open Expecto
open Interp.Properties.Processes
open Interp.Properties.SurveyTests

let private programs = [ "munged"; "slurmctld"; "slurmd"; "sbatch"; "scancel"; "squeue"; "sinfo" ]

/// The first of the programs that is not installed.
let private missing () =
    let path = Environment.GetEnvironmentVariable "PATH" |> Option.ofObj |> Option.defaultValue ""
    let places = [ yield! path.Split Path.PathSeparator; "/usr/sbin"; "/sbin" ]

    programs
    |> List.tryFind (fun name -> not (places |> List.exists (fun place -> File.Exists(Path.Combine(place, name)))))

let private freePort () =
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    (listener.LocalEndpoint :?> IPEndPoint).Port

let private configuration (directory: string) (host: string) =
    let at name = Path.Combine(directory, name)

    String.concat "\n" [
        "ClusterName=interp"
        $"SlurmctldHost={host}(127.0.0.1)"
        $"SlurmctldPort={freePort ()}"
        $"SlurmdPort={freePort ()}"
        "SlurmUser=root"
        "SlurmdUser=root"
        "AuthType=auth/munge"
        "CredType=cred/munge"
        $"""AuthInfo=socket={at "munge.socket"}"""
        $"""StateSaveLocation={at "state"}"""
        $"""SlurmdSpoolDir={at "spool"}"""
        $"""SlurmctldPidFile={at "slurmctld.pid"}"""
        $"""SlurmdPidFile={at "slurmd.pid"}"""
        "ProctrackType=proctrack/linuxproc"
        "TaskPlugin=task/none"
        "SwitchType=switch/none"
        "MpiDefault=none"
        "CommunicationParameters=NoCtldInAddrAny,NoInAddrAny"
        "SelectType=select/cons_tres"
        "SelectTypeParameters=CR_CPU"
        // As many processors as are said here, whatever the machine has.
        "SlurmdParameters=config_overrides"
        "ReturnToService=2"
        "KillWait=2"
        "SchedulerParameters=batch_sched_delay=0,sched_interval=1"
        "MailProg=/bin/true"
        $"NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN"
        $"PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP"
        ""
    ]

/// Runs commands of Slurm's in its directory; the output of those that do not fail.
let private ask directory command =
    let outcome =
        shell $"cd '{directory}' && export SLURM_CONF='{directory}/slurm.conf' PATH=\"$PATH:/usr/sbin\" && {command}"

    Expect.equal outcome.ExitCode 0 $"{command}: {outcome.Error}"
    outcome.Output.Trim()

/// Starts the daemons, and stops them whatever the test does.
let private withSlurm test =
    inDirectory (fun directory ->
        let host = (Dns.GetHostName().Split '.')[0]
        File.WriteAllText(Path.Combine(directory, "slurm.conf"), configuration directory host)
        Directory.CreateDirectory(Path.Combine(directory, "state")) |> ignore
        Directory.CreateDirectory(Path.Combine(directory, "spool")) |> ignore
        let key = Path.Combine(directory, "munge.key")
        File.WriteAllBytes(key, RandomNumberGenerator.GetBytes 1024)
        File.SetUnixFileMode(key, UnixFileMode.UserRead ||| UnixFileMode.UserWrite)
        let at name = $"'{Path.Combine(directory, name)}'"

        let daemon name arguments =
            let line =
                $"""export SLURM_CONF={at "slurm.conf"} PATH="$PATH:/usr/sbin"; exec {name} {arguments} >{at (name + ".log")} 2>&1"""

            Process.Start("bash", [ "-c"; line ])

        let daemons = [
            daemon
                "munged"
                $"""--foreground --force --socket={at "munge.socket"} --key-file={at "munge.key"} --pid-file={at "munged.pid"} --seed-file={at "munged.seed"} --log-file={at "munge.log"}"""
            daemon "slurmctld" "-D"
            daemon "slurmd" "-D"
        ]

        let log () =
            String.concat "\n" [
                for name in [ "munged"; "slurmctld"; "slurmd" ] do
                    let path = Path.Combine(directory, name + ".log")

                    if File.Exists path then
                        yield!
                            $"{name}:"
                            :: (File.ReadAllLines path |> List.ofArray |> List.rev |> List.truncate 10 |> List.rev)
            ]

        try
            let idle () = (shell $"""SLURM_CONF={at "slurm.conf"} sinfo -h -o %%T""").Output.Trim() = "idle"

            try
                eventually "the node is idle" idle
            with _ ->
                failtest $"Slurm did not start:\n{log ()}"

            test directory (ask directory)
        finally
            // What still runs would outlive the daemons.
            shell
                $"""export SLURM_CONF={at "slurm.conf"}; scancel --user=root --signal=KILL --full; scancel --user=root; for i in $(seq 50); do [ -z "$(squeue -h)" ] && break; sleep 0.1; done"""
            |> ignore

            for daemon in List.rev daemons do
                signal "TERM" daemon

                if not (daemon.WaitForExit(TimeSpan.FromSeconds 10.0)) then
                    daemon.Kill true
                    daemon.WaitForExit())

/// Waits until a job, or a task of one, is out of the queue.
let private ended ask job = eventually $"job {job} ends" (fun () -> ask $"squeue -h -j {job} 2>/dev/null || true" = "")

let private array = test "an array job whose task is killed goes on, and merges to the bytes of a single machine" {
    match missing () with
    | Some name -> skiptest $"Slurm is not installed here: there is no {name}."
    | None when not Environment.IsPrivilegedProcess -> skiptest "Slurm's daemons want to be started by root."
    | None -> ()

    withSlurm (fun directory ask ->
        let study = Path.Combine(directory, "cluster", "study")
        // Two trainings for each of two tasks; those of the second take about a second.
        let description =
            "--variants plain --seeds 2 --steps 150 --sweep batch=2,1024 --sweep heads=1".Split ' '
            |> List.ofArray

        plan study description
        let printed = interp [ "study"; "slurm"; study; "--tasks"; "2"; "--time"; "10" ]
        succeeds printed
        File.WriteAllText(Path.Combine(directory, "study.sbatch"), printed.Output)

        // The commands in the script's own comments.
        let commands =
            printed.Output.Split '\n'
            |> Array.filter (fun line -> line.StartsWith "#   ")
            |> Array.map _.Substring(4)

        Expect.equal commands.Length 2 "submitting and merging"
        let job = ask $"{commands[0]}; echo $job"
        let item index extension = File.Exists(Path.Combine(study, "items", $"00000{index}.{extension}"))
        eventually "the second task is at work" (fun () -> item 2 "lock" || item 2 "json")
        ask $"scancel --signal=KILL --full {job}_1" |> ignore
        ended ask $"{job}_1"
        Expect.isFalse (item 3 "json") "the task was killed before its end"
        ended ask job
        let before = finishedIn study
        Expect.isTrue (item 0 "json" && item 1 "json") "the first task's items"
        refuses [ "missing" ] (interp [ "study"; "merge"; study ])

        let again = ask "sbatch --parsable --array=1 study.sbatch"
        let merge = ask $"job={again}; {commands[1]}"
        ended ask again
        ended ask ((merge.Split ' ') |> Array.last)

        for file in before do
            Expect.contains (finishedIn study) file "a finished item stays as it is"

        Expect.isTrue (File.Exists(Path.Combine(study, "report.html"))) "the report"
        let alone = Path.Combine(directory, "alone", "study")
        succeeds (interp ([ "study" ] @ description @ [ "--out"; alone ]))
        Expect.equal (mergedIn study) (mergedIn alone) "the merged files"
        let report place = File.ReadAllBytes(Path.Combine(place, "report.html"))
        Expect.equal (report study) (report alone) "the reports")
}

[<Tests>]
let tests = testList "slurm" [ array ]
