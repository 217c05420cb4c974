import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { configSchema, createPlugin } from "../../../plugins/aws-operations/index.ts";
import {
  controlsAsOf,
  frameworkOf,
  type FrameworkId,
  frameworks,
} from "../../../plugins/aws-operations/security/frameworks.ts";
import { type Rule, rules } from "../../../plugins/aws-operations/security/rules.ts";
import { iamReviewInput } from "../../../plugins/aws-operations/iam-review/input.ts";
import { securityScanInput } from "../../../plugins/aws-operations/security-scan/input.ts";
import { openingsOf } from "../../../plugins/aws-operations/security-scan/open-ports.ts";

const readme = readFileSync(
  new URL("../../../plugins/aws-operations/README.md", import.meta.url),
  "utf8",
);

describe("the settings", () => {
  test.each([
    [{ vulnerabilitySeverityThreshold: "SEVERE" }, "vulnerabilitySeverityThreshold"],
    [{ vulnerability_severity_threshold: 3 }, "vulnerabilitySeverityThreshold"],
    [{ complianceFrameworks: [""] }, "complianceFrameworks"],
    [{ complianceFrameworks: "SOC2" }, "complianceFrameworks"],
    [{ scanIntervalsHours: 0 }, "scanIntervalsHours"],
    [{ alertOnAdminActions: "yes" }, "alertOnAdminActions"],
  ])("refuse %j", (securityConfig, field) => {
    const result = configSchema.safeParse({ securityConfig });
    expect(z.prettifyError(result.error as z.ZodError)).toContain(field);
  });

  test("take the severity in any case", () => {
    const { securityConfig } = configSchema.parse({
      security_config: { vulnerability_severity_threshold: "high" },
    });
    expect(securityConfig.vulnerabilitySeverityThreshold).toBe("HIGH");
  });

  test("switch off the three tools and the prompt", () => {
    const off = createPlugin({ enable_security_scanning: false });
    expect(Object.keys(off.getToolsConfig()).join()).not.toMatch(/security|iam|activity/);
    expect(Object.keys(off.getPrompts())).not.toContain("security_analysis");
  });
});

test.each(["mars", "us-east-1.example.com/", "US-EAST-1", ""])(
  "a region that is written as %j is refused before anything is signed for it",
  (region) => {
    expect(securityScanInput.safeParse({ regions: [region] }).success).toBe(false);
  },
);

describe("the table of controls", () => {
  test("names only controls that the frameworks list, at least one for each rule", () => {
    for (const [id, rule] of Object.entries<Rule>(rules)) {
      for (const [framework, controls] of Object.entries(rule.controls)) {
        expect(controls.length, id).toBeGreaterThan(0);
        const known = Object.keys(frameworks[framework as FrameworkId].controls);
        expect(known, id).toEqual(expect.arrayContaining([...controls]));
      }
    }
  });

  test("has its date in the documentation", () => {
    expect(readme).toContain(`from a table of ${controlsAsOf}`);
  });

  test.each([
    ["soc2", "SOC2"],
    ["SOC 2", "SOC2"],
    ["iso-27001", "ISO27001"],
    ["ISO/IEC 27001:2022", "ISO27001"],
    ["PCI DSS", undefined],
    ["constructor", undefined],
  ])("knows %s as %s", (name, id) => {
    expect(frameworkOf(name)).toBe(id);
  });
});

describe("a rule of a security group", () => {
  const world = { IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  test.each([
    [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, ...world }, "SSH (tcp 22)"],
    [{ IpProtocol: "6", FromPort: 20, ToPort: 25, ...world }, "FTP, SSH, Telnet (tcp 20-25)"],
    [{ IpProtocol: "udp", FromPort: 161, ToPort: 161, ...world }, "SNMP (udp 161)"],
    [{ IpProtocol: "-1", ...world }, "everything"],
    [{ IpProtocol: "tcp", FromPort: 0, ToPort: 65_535, ...world }, "tcp 0-65535"],
    [
      {
        IpProtocol: "tcp",
        FromPort: 5432,
        ToPort: 5432,
        Ipv6Ranges: [{ CidrIpv6: "::/0" }],
      },
      "PostgreSQL (tcp 5432)",
    ],
    [
      {
        IpProtocol: "tcp",
        FromPort: 3389,
        ToPort: 3389,
        IpRanges: [{ CidrIp: "0.0.0.0/1" }, { CidrIp: "128.0.0.0/1" }],
      },
      "RDP (tcp 3389)",
    ],
  ])("like %j is open to the world: %s", (permission, ports) => {
    expect(openingsOf([permission]).map((one) => one.ports)).toEqual([ports]);
  });

  test.each([
    [{ IpProtocol: "tcp", FromPort: 443, ToPort: 443, ...world }],
    [{ IpProtocol: "icmp", FromPort: -1, ToPort: -1, ...world }],
    [{ IpProtocol: "tcp", FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: "10.0.0.0/8" }] }],
    [{ IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-1" }] }],
    [{ IpProtocol: "-1", Ipv6Ranges: [{ CidrIpv6: "fc00::/7" }] }],
    [{}],
  ])("like %j is none of that", (permission) => {
    expect(openingsOf([permission])).toEqual([]);
  });
});

describe("the documentation", () => {
  const columns = readme
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)])
    .map(([, name]) => name);

  test("lists every argument", () => {
    for (const { shape } of [securityScanInput, iamReviewInput]) {
      for (const name of Object.keys(shape)) expect(columns).toContain(name);
    }
  });

  test("has calls that the tools take", () => {
    const calls = [...readme.matchAll(/`(aws_security_scan|aws_iam_review)` `(\{.*?\})`/g)];
    expect(calls).toHaveLength(9);
    for (const [, name, json = ""] of calls) {
      const schema = name === "aws_iam_review" ? iamReviewInput : securityScanInput;
      expect(schema.safeParse(JSON.parse(json)).error).toBeUndefined();
    }
  });
});
