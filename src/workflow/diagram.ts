import type { StepStatus, WorkflowRecord } from "./record.ts";

const LONGEST_LABEL = 60;
const STYLES: Readonly<Record<StepStatus, string>> = {
  pending: "fill:#f6f8fa,stroke:#8c959f,color:#24292f",
  running: "fill:#ddf4ff,stroke:#0969da,color:#0a3069",
  completed: "fill:#dafbe1,stroke:#1a7f37,color:#0f5323",
  failed: "fill:#ffebe9,stroke:#cf222e,color:#82071e",
  cancelled: "fill:#eaeef2,stroke:#57606a,color:#24292f",
  skipped: "fill:#eaeef2,stroke:#8c959f,color:#57606a,stroke-dasharray:4",
  interrupted: "fill:#fff8c5,stroke:#9a6700,color:#4d2d00",
};

/** A workflow as a Mermaid flowchart: its tasks, what they wait for, and how far each is. */
export function diagramOf({ steps }: Pick<WorkflowRecord, "steps">): string {
  const nodes = new Map(steps.map(({ task }, index) => [task.id, `t${index + 1}`]));
  const lines = steps.map(
    ({ task, status }) =>
      `  ${nodes.get(task.id)}["${label(task.name)}<br/>${status}"]:::${status}`,
  );
  const edges = steps.flatMap(({ task }) =>
    [...new Set(task.dependencies)].map(
      (other) => `  ${nodes.get(other)} --> ${nodes.get(task.id)}`,
    ),
  );
  const used = new Set(steps.map(({ status }) => status));
  const styles = [...used].map((status) => `  classDef ${status} ${STYLES[status]}`);
  return ["flowchart TD", ...lines, ...edges, ...styles].join("\n");
}

/** Names are the agent's: no mark of Mermaid or HTML in them counts. */
function label(name: string): string {
  const short = name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
  return short.replaceAll(/[^\p{L}\p{N} .,:_/+()-]/gu, (mark) => `#${mark.codePointAt(0)};`);
}
