/** A framework of controls, as far as something here bears on it. */
export interface Framework {
  readonly title: string;
  /** The controls that are listed, with what they ask for in a few words. */
  readonly controls: Readonly<Record<string, string>>;
}

/** When the controls below, and which rules bear on them, were last gone through. */
export const controlsAsOf = "2026-11-20";

export const frameworks = {
  SOC2: {
    title: "SOC 2 (Trust Services Criteria 2017, points of focus 2022), CC6 only",
    controls: {
      "CC6.1": "logical access security",
      "CC6.2": "users registered, authorised and removed",
      "CC6.3": "access by role, least privilege",
      "CC6.4": "physical access",
      "CC6.5": "disposal of assets",
      "CC6.6": "protection against threats from outside",
      "CC6.7": "transmission and removal of information",
      "CC6.8": "unauthorised or malicious software",
    },
  },
  ISO27001: {
    title: "ISO/IEC 27001:2022 Annex A, controls on access and networks only",
    controls: {
      "A.5.15": "access control",
      "A.5.16": "identity management",
      "A.5.17": "authentication information",
      "A.5.18": "access rights",
      "A.8.2": "privileged access rights",
      "A.8.3": "information access restriction",
      "A.8.5": "secure authentication",
      "A.8.12": "data leakage prevention",
      "A.8.16": "monitoring activities",
      "A.8.20": "networks security",
      "A.8.21": "security of network services",
      "A.8.22": "segregation of networks",
      "A.8.24": "use of cryptography",
    },
  },
} as const satisfies Readonly<Record<string, Framework>>;

export type FrameworkId = keyof typeof frameworks;

/** The framework that a name stands for, however it is spelled: `SOC 2`, `iso-27001`, `ISO/IEC 27001:2022`. */
export function frameworkOf(name: string): FrameworkId | undefined {
  const short = name.toUpperCase().replaceAll(/\/IEC|:\d{4}|[^A-Z0-9]/g, "");
  return short === "SOC2" || short === "ISO27001" ? short : undefined;
}
