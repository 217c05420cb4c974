import * as sdk from "@aws-sdk/client-accessanalyzer";
import { describe, expect, test } from "vitest";
import { accessAnalyzer } from "../../../../plugins/aws-operations/demo-account/services/access-analyzer/access-analyzer.ts";
import { analyzerIn } from "./access-analyzer-helpers.ts";
import { openDemo } from "./helpers.ts";
import { answerProblems, hasModels, loadModel, MODELS } from "./model-validator.ts";
import { recordBodies } from "./recorded-bodies.ts";

describe.skipIf(!hasModels)(
  `Access Analyzer's answers fit the model AWS publishes (skipped without ${MODELS})`,
  () => {
    test("every operation, of every analyzer and for every finding", async () => {
      const model = loadModel("accessanalyzer-2019-11-01");
      const { account } = await openDemo("2028-02-29T23:00:00Z", { pageSize: 1000 });
      const served = new Set<string>();
      for (const region of ["us-east-1", "eu-west-1", "us-west-2"]) {
        const client = analyzerIn(account, region);
        const bodies = recordBodies([client]);
        const check = async <T>(operation: string, call: Promise<T>): Promise<T> => {
          served.add(operation);
          const answer = await call;
          expect(answerProblems(model, operation, bodies.at(-1) ?? "")).toEqual([]);
          return answer;
        };
        const { analyzers = [] } = await check(
          "ListAnalyzers",
          client.send(new sdk.ListAnalyzersCommand({})),
        );
        for (const { arn: analyzerArn, type } of analyzers) {
          await check(
            "GetFindingsStatistics",
            client.send(new sdk.GetFindingsStatisticsCommand({ analyzerArn })),
          );
          const { findings = [] } = await check(
            "ListFindingsV2",
            client.send(new sdk.ListFindingsV2Command({ analyzerArn })),
          );
          expect(findings.length).toBeGreaterThan(2);
          for (const { id } of findings) {
            await check(
              "GetFindingV2",
              client.send(new sdk.GetFindingV2Command({ analyzerArn, id })),
            );
          }
          if (type === "ACCOUNT") {
            await check("ListFindings", client.send(new sdk.ListFindingsCommand({ analyzerArn })));
          }
        }
      }
      expect(served).toEqual(new Set(accessAnalyzer.operations.keys()));
    });
  },
);
