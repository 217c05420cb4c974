#!/usr/bin/env node
import { Command, CommanderError, Option } from "commander";
import { detailOf, HostError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { readPackageInfo } from "../host/package-info.ts";
import { guardStdout } from "../transports/stdout-guard.ts";
import type { CallOptions } from "./commands/call.ts";
import type { DemoOptions } from "./commands/demo.ts";
import type { ListOptions } from "./commands/list.ts";
import type { SchemaOptions } from "./commands/schema.ts";
import type { ServeOptions } from "./commands/serve.ts";
import type { CommonOptions } from "./open-app.ts";
import { EXIT, flush, note } from "./output.ts";

// Before anything else: from here on, what plugins print cannot reach the protocol or a piped answer.
const write = guardStdout();

let exitCode: number = EXIT.ok;

/** Hands the command's result to the process; each command's code loads when it is asked for. */
async function run(command: Promise<number>): Promise<void> {
  exitCode = await command;
}

function common(command: Command): Command {
  return command
    .option(
      "-c, --config <file>",
      "configuration file (default: $AGENTFLOW_CONFIG, then ~/.agentflow/mcp.config.json)",
    )
    .addOption(
      new Option(
        "-p, --plugins <path>",
        "folder of plugins, or one plugin; may be repeated",
      ).argParser((value: string, before?: string[]) => [...(before ?? []), value]),
    )
    .option("--demo", "use the demo account instead of real services");
}

/** Commander would take a mistyped command for an argument of the default one. */
function refuseUnknownCommand(word = "-"): void {
  const known = program.commands.map((command) => command.name());
  if (word.startsWith("-") || word === "help" || known.includes(word)) return;
  const meant = nearest(word, known);
  const hint = meant === undefined ? "See: agentflow --help" : `Did you mean '${meant}'?`;
  throw new HostError("USAGE", `There is no command '${word}'. ${hint}`);
}

const program = new Command("agentflow")
  .description("Turns plugins into one MCP server, over stdio or Streamable HTTP.")
  .version(readPackageInfo().version)
  .configureOutput({
    writeOut: (text) => write(text),
    writeErr: (text) => process.stderr.write(text),
  })
  .exitOverride()
  .addHelpText(
    "after",
    `
Examples:
  agentflow demo                          see it work, without any account
  agentflow serve                         serve over stdio, as MCP clients start it
  agentflow serve --http 8080             serve over HTTP at http://127.0.0.1:8080/mcp
  agentflow list --plugins ./my-plugin.ts see what a plugin offers, and what is wrong with it
  agentflow call aws_cost_analysis --demo analysis=forecast

Exit codes: 0 done; 1 a plugin failed or a tool answered with an error; 2 wrong usage or configuration.`,
  );

common(program.command("serve", { isDefault: true }))
  .summary("serve the plugins (the default command)")
  .description("Serves the plugins over stdio, or over HTTP with --http.")
  .option(
    "--http [address]",
    "serve over HTTP at [host:]port (default: server.http of the configuration)",
  )
  .option(
    "--stateless",
    "with --http: no sessions, so that any of several servers can answer any request",
  )
  .action(async (options: ServeOptions) =>
    run((await import("./commands/serve.ts")).serve(options)),
  );

common(program.command("list"))
  .summary("show plugins, tools, prompts and categories")
  .description("Shows what is served, and why the rest is not.")
  .option("--json", "as JSON")
  .option("--tag <tag>", "only plugins with this tag among their categories")
  .option(
    "--policy",
    "what the host does around the calls of each tool; with --json, and who says so",
  )
  .action(async (options: ListOptions) => run((await import("./commands/list.ts")).list(options)));

common(program.command("call <tool> [arguments...]"))
  .summary("call a tool")
  .description("Calls a tool with key=value arguments and prints its answer.")
  .option("--json <object>", "arguments as a JSON object")
  .option("--raw", "print the whole MCP result as JSON")
  .action(async (tool: string, pairs: string[], options: CallOptions) =>
    run((await import("./commands/call.ts")).call(tool, pairs, options)),
  );

common(program.command("route <text>"))
  .summary("show which intent category a request belongs to")
  .action(async (text: string, options: CommonOptions) =>
    run((await import("./commands/route.ts")).route(text, options)),
  );

common(program.command("check"))
  .summary("load everything and say what is wrong")
  .description("Loads and activates every plugin; exits 1 with reasons if one is not in order.")
  .action(async (options: CommonOptions) =>
    run((await import("./commands/check.ts")).check(options)),
  );

common(program.command("schema"))
  .summary("print the JSON Schema of mcp.config.json")
  .option("--out <file>", "write it to a file")
  .option("--shipped-only", "without plugins of your own")
  .action(async (options: SchemaOptions) =>
    run((await import("./commands/schema.ts")).schema(options)),
  );

program
  .command("demo")
  .summary("see it work: serve a demo account and ask it three questions")
  .description(
    "Serves a demo AWS account over HTTP, asks it three questions as a client, and goes on serving.",
  )
  .option("-c, --config <file>", "configuration file")
  .option("--http <address>", "serve at [host:]port")
  .option("--once", "end after the questions")
  .action(async (options: DemoOptions) => run((await import("./commands/demo.ts")).demo(options)));

try {
  refuseUnknownCommand(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  exitCode = EXIT.usage;
  if (error instanceof CommanderError) exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else if (error instanceof HostError) note(`agentflow: [${error.code}] ${error.message}`);
  else {
    exitCode = EXIT.failed;
    note(`agentflow: ${detailOf(error)}`);
  }
}
// Plugins may leave timers and sockets behind; they have been unloaded and have no say in when this ends.
await flush();
process.exit(exitCode);
