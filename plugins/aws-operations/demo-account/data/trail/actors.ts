import type { UserName } from "../names.ts";

/** Whoever did something, as CloudTrail tells them apart. */
export type Actor = RootActor | UserActor | RoleActor | ServiceActor;

/** Signs with a key of the console's making, not with one of their own. */
export const isInConsole = ({ userAgent }: Actor): boolean => userAgent === CONSOLE;

interface Client {
  readonly sourceIp: string;
  readonly userAgent: string;
}

interface RootActor extends Client {
  readonly kind: "root";
  readonly hasMfa: boolean;
}

interface UserActor extends Client {
  readonly kind: "user";
  readonly name: UserName;
  readonly hasMfa: boolean;
}

interface RoleActor extends Client {
  readonly kind: "role";
  readonly role: string;
  /** Who assumed the role, as they called their session. */
  readonly session: UserName;
}

interface ServiceActor extends Client {
  readonly kind: "service";
  readonly host: string;
}

const CONSOLE =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const CLI =
  "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.7";
const TERRAFORM = "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io)";

const user = (name: UserName, sourceIp: string, userAgent: string, hasMfa = false): UserActor => ({
  kind: "user",
  name,
  hasMfa,
  sourceIp,
  userAgent,
});

export const root = (hasMfa: boolean): RootActor => ({
  kind: "root",
  hasMfa,
  sourceIp: "203.0.113.200",
  userAgent: CONSOLE,
});
export const ANNA = user("anna.keller", "203.0.113.201", CONSOLE, true);
export const BEN = user("ben.ortiz", "203.0.113.202", CONSOLE, true);
export const CHEN = user("chen.li", "203.0.113.203", CLI);
export const DORA = user("dora.novak", "203.0.113.204", CONSOLE);
export const FINN = user("finn.berg", "198.51.100.250", CONSOLE);
export const GRACE = user("grace.osei", "203.0.113.207", CONSOLE, true);
export const HUGO = user("hugo.lind", "203.0.113.208", CLI);
export const IVY = user("ivy.marsh", "203.0.113.209", CLI);
export const BACKUP_AGENT = user("backup-agent", "203.0.113.220", "Boto3/1.40.1");
export const CI_RUNNER = user("ci-runner", "203.0.113.221", TERRAFORM);
export const DEPLOY_BOT = user("deploy-bot", "203.0.113.222", TERRAFORM);

/** The role that people take on to change networks. */
export const CHEN_AS_OPERATIONS: RoleActor = {
  kind: "role",
  role: "demo-operations",
  session: "chen.li",
  sourceIp: CHEN.sourceIp,
  userAgent: CLI,
};

export const EC2_SERVICE: ServiceActor = {
  kind: "service",
  host: "ec2.amazonaws.com",
  sourceIp: "ec2.amazonaws.com",
  userAgent: "ec2.amazonaws.com",
};
