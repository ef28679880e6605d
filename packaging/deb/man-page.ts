/** A command, with what its help says. */
export interface CommandHelp {
  readonly name: string;
  readonly help: string;
}

const FRONT = `.SH NAME
trilog \\- reads OpenStack logs, says of every record what happened, and ships it on
.SH SYNOPSIS
.B trilog
.I command
.RI [ option ...]
.SH DESCRIPTION
The agent, \\fBtrilog run\\fR, follows files, Kafka topics and senders of the Fluent Forward protocol, gives each record a label such as
\\fIinstance.failure\\fR or \\fImessaging.connection\\fR, and writes it to its outputs. Nothing is acknowledged before all outputs have stored it, so that no record
is lost, whatever is killed. The package's service \\fBtrilog.service\\fR runs it by \\fI/etc/trilog/trilog.yaml\\fR; \\fBtrilog@\\fINAME\\fB.service\\fR runs
more of them, each by \\fI/etc/trilog/NAME.yaml\\fR. The other commands check a configuration, show what an agent does and would do, and work on files.
`;

const BACK = `.SH FILES
.TP
.I /etc/trilog/trilog.yaml
the service's configuration
.TP
.I /etc/trilog/trilog.env
secrets of the configuration, as NAME=value; may be root's alone
.TP
.I /var/lib/trilog
checkpoints, template memory, dead letters
.TP
.I /var/log/trilog
where the service may write records to files
.TP
.I /usr/share/doc/trilog/examples
configurations
.SH EXIT STATUS
0: all is well. 64: the command line is wrong. 78: the configuration is wrong; each error is said with its line and column.
Other values: the command could not do its work; the message says why.
.SH SIGNALS
.TP
.BR SIGTERM ", " SIGINT
ends the agent when what is under way is stored, or after \\fIstop_timeout_ms\\fR
.TP
.B SIGHUP
takes a changed configuration, changed rules and models; with an error in them the agent stays as it is
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1),
/usr/share/doc/trilog/README.md
`;

/**
 * The page trilog(8), in the macros of man(7).
 * @param date of the page, `2026-03-02`
 * @param commands each command's help, as the command line prints it, at most 72 columns wide.
 */
export function manPage(version: string, date: string, commands: readonly CommandHelp[]): string {
  const pages = commands.map(({ name, help }) => `.SS trilog ${roff(name)}\n.nf\n${verbatim(help)}\n.fi\n`);
  return `.TH TRILOG 8 "${date}" "trilog ${roff(version)}" "System Administration"\n${FRONT}.SH COMMANDS\n${pages.join('')}${BACK}`;
}

/** Help without its first line, which repeats the command, and without the options that all commands have. */
function verbatim(help: string): string {
  const [, ...lines] = help.trim().split('\n');
  return lines
    .filter((line) => !/^\s+--(help|version)\s/.test(line))
    .map(roff)
    .join('\n')
    .trim();
}

/** Text in which nothing is a request or an escape. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/, '\\&');
}
