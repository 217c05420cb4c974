import { DescribeRegionsCommand } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { ec2 } from "../../../../plugins/aws-operations/demo-account/services/ec2/ec2.ts";
import type { Variant } from "../../../../plugins/aws-operations/demo-account/index.ts";
import { LISTINGS } from "./ec2-calls.ts";
import { ec2In, REGIONS } from "./ec2-helpers.ts";
import { openDemo } from "./helpers.ts";
import { answerProblems, hasModels, loadModel, MODELS } from "./model-validator.ts";
import { recordBodies } from "./recorded-bodies.ts";

/** What EC2 answers and documents, and its own enumerations lack. */
const DOCUMENTED =
  /InternetGateways\[\d\]\.Attachments\[0\]\.State: "available" is not|NetworkInterfaces\[\d\]\.InterfaceType: "nat_gateway" is not/;

describe.skipIf(!hasModels)(
  `EC2's answers fit the model AWS publishes (skipped without ${MODELS})`,
  () => {
    test.each<Variant>(["default", "new", "empty"])("in the %s account", async (variant) => {
      const model = loadModel("ec2-2016-11-15");
      const { account } = await openDemo("2028-02-29T23:00:00Z", { variant });
      const problems: string[] = [];
      const served = new Set(["DescribeRegions"]);
      for (const region of REGIONS) {
        const client = ec2In(account, region);
        const bodies = recordBodies([client]);
        for (const [operation, { list }] of LISTINGS) {
          served.add(operation);
          bodies.length = 0;
          await list(client);
          problems.push(...bodies.flatMap((body) => answerProblems(model, operation, body)));
        }
        bodies.length = 0;
        await client.send(new DescribeRegionsCommand({ AllRegions: true }));
        problems.push(...answerProblems(model, "DescribeRegions", bodies[0] ?? ""));
      }
      expect(problems.filter((problem) => !DOCUMENTED.test(problem))).toEqual([]);
      expect(served).toEqual(new Set(ec2.operations.keys()));
    });

    test("the validator sees through XML", () => {
      const model = loadModel("ec2-2016-11-15");
      const body = `<DescribeVolumesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><volumeSet><item><size>big</size><state>in-use</state><createTime>today</createTime><encrypted>yes</encrypted><volumeType>gp9</volumeType></item></volumeSet></DescribeVolumesResponse>`;
      expect(answerProblems(model, "DescribeVolumes", body)).toEqual([
        "DescribeVolumesResult.Volumes[0].Size: not an integer",
        "DescribeVolumesResult.Volumes[0]: has an unknown member <state>",
        "DescribeVolumesResult.Volumes[0].CreateTime: not a time in ISO 8601",
        "DescribeVolumesResult.Volumes[0].Encrypted: not a boolean",
        'DescribeVolumesResult.Volumes[0].VolumeType: "gp9" is not one of its values',
      ]);
      expect(() => answerProblems(model, "DescribeVolumes", body.slice(0, -9))).toThrow(/not XML/);
    });
  },
);
