# fish completion of taktctl(1)

# The daemon that the command line names.
function __taktctl_call
    set -l bus
    set -l tokens (commandline -opc)
    for i in (seq (count $tokens))
        switch $tokens[$i]
            case --user --system
                set bus $tokens[$i]
            case --bus
                set -l next (math $i + 1)
                set -q tokens[$next]; and set bus --bus $tokens[$next]
            case '--bus=*'
                set bus $tokens[$i]
        end
    end
    taktctl $bus --no-pager $argv 2>/dev/null
end

function __taktctl_processes
    __taktctl_call --no-legend list | string match -r '^\S+'
end

# The argument is a list of states; empty: all.
function __taktctl_executions
    set -l state
    test -n "$argv[1]"; and set state --state $argv[1]
    __taktctl_call --no-legend history -n 100 $state | string trim -l | string replace -r '^(\d+)\s+(\S+\s+\S+).*' '$1\t$2'
end

set -l live queued,running,paused,interrupted
set -l ended succeeded,failed,timed-out,cancelled,skipped

# The words before the cursor that are neither options nor the values of those that stand before the verb.
function __taktctl_words
    set -l skip
    for token in (commandline -opc)[2..]
        if test -n "$skip"
            set skip
        else if contains -- $token --bus --json
            set skip yes
        else if not string match -q -- '-*' $token
            echo $token
        end
    end
end
function __taktctl_no_verb
    test (count (__taktctl_words)) -eq 0
end
function __taktctl_after
    set -l words (__taktctl_words)
    contains -- "$words[1]" $argv
end
# The verb, and which of its own verbs; without one: none yet.
function __taktctl_within
    set -l words (__taktctl_words)
    test "$words[1]" = $argv[1]; and contains -- "$words[2]" $argv[2..]
end
function __taktctl_within_no
    set -l words (__taktctl_words)
    test "$words[1]" = $argv[1]; and test (count $words) -eq 1
end

complete -c taktctl -f
complete -c taktctl -n 'not __taktctl_within import crontab' -l system -d 'Talk to the daemon of the system'
complete -c taktctl -n 'not __taktctl_within import crontab' -l user -d 'Talk to the daemon of the user'
complete -c taktctl -l bus -x -d 'Talk to the daemon on this bus'
complete -c taktctl -l json -x -a 'short pretty off' -d 'Print JSON'
complete -c taktctl -s j -d 'Print JSON'
complete -c taktctl -l no-legend -d 'Print no headers and footers'
complete -c taktctl -l no-pager -d 'Do not pipe output into a pager'
complete -c taktctl -s h -l help -d 'Show help'
complete -c taktctl -n __taktctl_no_verb -l version -d 'Show the version'

complete -c taktctl -n __taktctl_no_verb -a status -d 'Show how everything stands, or processes, or executions'
complete -c taktctl -n __taktctl_no_verb -a top -d 'Watch what runs, what waits and what fires next'
complete -c taktctl -n __taktctl_no_verb -a graph -d 'Draw the steps of a process or an execution'
complete -c taktctl -n __taktctl_no_verb -a rollback -d 'Undo what an ended execution did'
complete -c taktctl -n __taktctl_no_verb -a approve -d 'Say yes to a step that waits'
complete -c taktctl -n __taktctl_no_verb -a reject -d 'Say no to a step that waits'
complete -c taktctl -n __taktctl_no_verb -a emit -d 'Tell an event to the steps and triggers that wait for it'
complete -c taktctl -n __taktctl_no_verb -a skip -d 'Skip the next firings of a process'
complete -c taktctl -n __taktctl_no_verb -a stats -d 'Show how executions went'
complete -c taktctl -n __taktctl_no_verb -a versions -d 'List the versions of a definition'
complete -c taktctl -n __taktctl_no_verb -a diff -d 'Compare versions of a definition'
complete -c taktctl -n __taktctl_no_verb -a cache -d 'Forget results that steps have kept'
complete -c taktctl -n __taktctl_no_verb -a list -d 'List processes'
complete -c taktctl -n __taktctl_no_verb -a show -d 'Show the properties and definition of a process'
complete -c taktctl -n __taktctl_no_verb -a start -d 'Start a process'
complete -c taktctl -n __taktctl_no_verb -a pause -d 'Freeze executions, or hold the triggers of processes'
complete -c taktctl -n __taktctl_no_verb -a resume -d 'Thaw executions, or let triggers fire again'
complete -c taktctl -n __taktctl_no_verb -a cancel -d 'Cancel executions'
complete -c taktctl -n __taktctl_no_verb -a retry -d 'Run an ended execution again'
complete -c taktctl -n __taktctl_no_verb -a wait -d 'Wait for the end of an execution'
complete -c taktctl -n __taktctl_no_verb -a logs -d 'Show what the steps of an execution wrote'
complete -c taktctl -n __taktctl_no_verb -a history -d 'List executions'
complete -c taktctl -n __taktctl_no_verb -a next -d 'List the next firings'
complete -c taktctl -n __taktctl_no_verb -a why -d 'Tell why a process did or did not run'
complete -c taktctl -n __taktctl_no_verb -a reload -d 'Have the daemon read its definitions again'
complete -c taktctl -n __taktctl_no_verb -a check -d 'Tell what is wrong with definitions'
complete -c taktctl -n __taktctl_no_verb -a enable -d 'Let processes fire and be started'
complete -c taktctl -n __taktctl_no_verb -a disable -d 'Let processes neither fire nor be started'
complete -c taktctl -n __taktctl_no_verb -a put -d 'Create or replace a definition'
complete -c taktctl -n __taktctl_no_verb -a delete -d 'Remove definitions that came by put'
complete -c taktctl -n __taktctl_no_verb -a simulate -d 'Play a definition without doing anything'
complete -c taktctl -n __taktctl_no_verb -a import -d "Turn another system's workflows and schedules into definitions"
complete -c taktctl -n __taktctl_no_verb -a template -d 'List, show and use the definitions that ship as templates'
complete -c taktctl -n __taktctl_no_verb -a calendar -d 'Explain a cron line or a calendar expression'
complete -c taktctl -n __taktctl_no_verb -a monitor -d 'Show what happens as it happens'
complete -c taktctl -n __taktctl_no_verb -a version -d 'Show the versions'

complete -c taktctl -n '__taktctl_after status list show graph skip stats versions diff start pause resume cancel logs history next why enable disable delete monitor' -a '(__taktctl_processes)' -d Process
complete -c taktctl -n '__taktctl_after status logs graph' -a '(__taktctl_executions)'
complete -c taktctl -n '__taktctl_after pause resume cancel wait approve reject' -a "(__taktctl_executions $live)"
complete -c taktctl -n '__taktctl_after retry rollback' -a "(__taktctl_executions $ended)"
complete -c taktctl -n '__taktctl_after check simulate' -a '(__taktctl_processes)' -d Process
complete -c taktctl -n '__taktctl_after check put simulate' -k -a '(__fish_complete_suffix .toml)'
complete -c taktctl -n '__taktctl_within_no import' -a 'crontab flow timers workflow'
complete -c taktctl -n '__taktctl_within import crontab flow workflow' -F
complete -c taktctl -n '__taktctl_within import crontab flow workflow' -l as -x -d "The process's name"
complete -c taktctl -n '__taktctl_within import crontab flow timers workflow' -s o -l output -x -a '(__fish_complete_directories)' -d 'Into this folder'
complete -c taktctl -n '__taktctl_within import crontab flow timers workflow' -l force -d 'Replace a file that is there'
complete -c taktctl -n '__taktctl_within import crontab' -l user -x -a '(__fish_complete_users)' -d "This user's"
complete -c taktctl -n '__taktctl_within import crontab' -l system -d '/etc/crontab and /etc/cron.d'
complete -c taktctl -n '__taktctl_within import crontab' -l system-format -d 'The sixth field is the user'
complete -c taktctl -n '__taktctl_within import crontab timers' -l root -x -a '(__fish_complete_directories)' -d 'Of the machine below this folder'
complete -c taktctl -n '__taktctl_within import timers' -l directory -x -a '(__fish_complete_directories)' -d 'Units in this folder alone'
complete -c taktctl -n '__taktctl_within_no template' -a 'list show new'
complete -c taktctl -n '__taktctl_after template' -l templates -x -a '(__fish_complete_directories)' -d 'Another folder of templates'
complete -c taktctl -n '__taktctl_within template show new' -a '(__taktctl_call --no-legend template list | string match -r "^\\S+")' -d Template
complete -c taktctl -n '__taktctl_within template new' -l as -x -d "The process's name"
complete -c taktctl -n '__taktctl_within template new' -s o -l output -r -d 'Write it there'
complete -c taktctl -n '__taktctl_within template new' -l force -d 'Replace a file that is there'
complete -c taktctl -n '__taktctl_after simulate' -l from -x -d 'When it begins'
complete -c taktctl -n '__taktctl_after simulate' -l to -x -d 'Fire its timed triggers until then'
complete -c taktctl -n '__taktctl_after simulate' -l duration -x -d 'What each command takes'
complete -c taktctl -n '__taktctl_after simulate' -l fail -x -d 'A step that fails'
complete -c taktctl -n '__taktctl_after simulate' -l result -x -d "What a step's result is"

complete -c taktctl -n '__taktctl_after list' -l tag -x -d 'Only with this tag'
complete -c taktctl -n '__taktctl_after list' -l enabled -d 'Only enabled ones'
complete -c taktctl -n '__taktctl_after list' -l disabled -d 'Only disabled ones'
complete -c taktctl -n '__taktctl_after show' -l version-of -x -d 'The definition of this version'
complete -c taktctl -n '__taktctl_after show' -l definition -d 'The text alone'
complete -c taktctl -n '__taktctl_after start simulate' -s i -l input -x -d 'An input, KEY=VALUE'
complete -c taktctl -n '__taktctl_after start simulate' -l input-string -x -d 'An input that is a string'
complete -c taktctl -n '__taktctl_after start' -l priority -x -d 'Instead of that of the definition'
complete -c taktctl -n '__taktctl_after start' -s w -l wait -d 'Wait for its end'
complete -c taktctl -n '__taktctl_after start' -s f -l follow -d 'Show progress and output'
complete -c taktctl -n '__taktctl_after pause resume cancel retry' -l reason -x -d 'Kept in the record'
complete -c taktctl -n '__taktctl_within_no cache' -a clear
complete -c taktctl -n '__taktctl_within cache clear' -a '(__taktctl_processes)' -d Process
complete -c taktctl -n '__taktctl_after cache start' -l key -x -d 'With this key'
complete -c taktctl -n '__taktctl_after graph' -l format -x -a 'text dot mermaid json' -d 'How it is drawn'
complete -c taktctl -n '__taktctl_after rollback' -l to -x -d 'Back to this step, which stays'
complete -c taktctl -n '__taktctl_after rollback' -s w -l wait -d 'Wait until it is done'
complete -c taktctl -n '__taktctl_after approve reject' -l comment -x -d 'Kept with the answer'
complete -c taktctl -n '__taktctl_after emit' -l payload -x -d 'An object in JSON'
complete -c taktctl -n '__taktctl_after skip' -l count -x -d 'How many'
complete -c taktctl -n '__taktctl_after stats' -s S -l since -x -a 'today yesterday' -d 'Queued since'
complete -c taktctl -n '__taktctl_after stats' -s U -l until -x -a 'today yesterday now' -d 'Queued before'
complete -c taktctl -n '__taktctl_after start' -l version -x -d 'This version'
complete -c taktctl -n '__taktctl_after start' -l at -x -d 'Not before this time'
complete -c taktctl -n '__taktctl_after pause' -l until -x -d 'Processes resume then'
complete -c taktctl -n '__taktctl_after retry' -l item -x -d 'This item of the step alone'
complete -c taktctl -n '__taktctl_after cancel' -l no-undo -d 'What was done stays'
complete -c taktctl -n '__taktctl_after cancel' -l all -d 'Every live execution'
complete -c taktctl -n '__taktctl_after retry' -l step -x -d 'From this step'
complete -c taktctl -n '__taktctl_after retry' -l current -d 'With the definition as it is now'
complete -c taktctl -n '__taktctl_after wait' -l timeout -x -d 'Give up after this span'
complete -c taktctl -n '__taktctl_after logs' -s f -l follow -d 'Go on with what is written'
complete -c taktctl -n '__taktctl_after logs' -l step -x -d 'Only of this step'
complete -c taktctl -n '__taktctl_after logs' -l raw -d 'Only what was written'
complete -c taktctl -n '__taktctl_after logs history next why monitor' -s n -l lines -x -d 'At most so many'
complete -c taktctl -n '__taktctl_after history' -l state -x -a 'queued running paused interrupted succeeded failed timed-out cancelled skipped' -d 'Only in this state'
complete -c taktctl -n '__taktctl_after history' -s S -l since -x -a 'today yesterday' -d 'Queued since'
complete -c taktctl -n '__taktctl_after history' -s U -l until -x -a 'today yesterday now' -d 'Queued before'
complete -c taktctl -n '__taktctl_after history' -l all -d 'All that are kept'
complete -c taktctl -n '__taktctl_after put' -l name -x -d 'The name of the process'
complete -c taktctl -n '__taktctl_after put' -l transient -d 'Until the next boot only'
complete -c taktctl -n '__taktctl_after calendar' -l zone -x -a '(timedatectl list-timezones 2>/dev/null)' -d 'In this time zone'
complete -c taktctl -n '__taktctl_after calendar' -l from -x -d 'Instants after this time'
complete -c taktctl -n '__taktctl_after calendar' -s n -l count -x -d 'So many instants'
complete -c taktctl -n '__taktctl_after calendar' -l dst -x -a 'takt systemd' -d 'Where the offset changes'
complete -c taktctl -n '__taktctl_after calendar' -l batch -d 'Answer questions from standard input'
complete -c taktctl -n '__taktctl_after calendar' -l cron -d 'Read it as a cron line'
complete -c taktctl -n '__taktctl_after calendar' -l calendar -d 'Read it as a calendar expression'
