import { priceWords } from "../ec2/prices.ts";
import { missing, or, type PlanKind } from "./plan.ts";

export const accountPlans: readonly PlanKind[] = [
  {
    name: "set up a budget alert",
    example: "Set up a budget alert at $500 a month for ops@example.com",
    fits: (request, verb) =>
      verb !== "remove" &&
      (/\bbudgets?\b/.test(request) ||
        (/\b(alerts?|alarms?|notify|warn|tell)\b/.test(request) &&
          /\b(costs?|spend|spending|bill|billing)\b/.test(request))),
    write: ({ amount, email }, { options }) => {
      const limit = or(amount, "amount");
      const to = or(email, "email");
      const budget = `{"BudgetName":"monthly-cost","BudgetType":"COST","TimeUnit":"MONTHLY","BudgetLimit":{"Amount":"${limit}","Unit":"USD"}}`;
      const notify = [
        ["ACTUAL", 80],
        ["ACTUAL", 100],
        ["FORECASTED", 100],
      ]
        .map(
          ([type, percent]) =>
            `{"Notification":{"NotificationType":"${type}","ComparisonOperator":"GREATER_THAN","Threshold":${percent},"ThresholdType":"PERCENTAGE"},"Subscribers":[{"SubscriptionType":"EMAIL","Address":"${to}"}]}`,
        )
        .join(",");
      return {
        title: `Alert at ${limit} USD a month`,
        open: missing(
          [
            amount,
            'the limit a month: `aws_cost_analysis` with {"analysis": "forecast"} tells what to expect',
          ],
          [email, "who is to be told: an email address"],
        ),
        before: [
          `aws sts get-caller-identity${options}`,
          `aws budgets describe-budgets --account-id <account-id>${options}`,
        ],
        commands: [
          `aws budgets create-budget --account-id <account-id> --budget '${budget}' --notifications-with-subscribers '[${notify}]'${options}`,
        ],
        after: [
          `aws budgets describe-notifications-for-budget --account-id <account-id> --budget-name monthly-cost${options}`,
        ],
        cost: "Free: budgets with notifications cost nothing; only budgets with actions do, beyond two.",
        undo: [
          `aws budgets delete-budget --account-id <account-id> --budget-name monthly-cost${options}`,
        ],
        risks: [
          "It tells, and stops nothing. AWS compares up to three times a day, so that it may be told some hours late.",
          "A budget of the same name is refused, not replaced.",
        ],
        permissions: ["budgets:ViewBudget", "budgets:ModifyBudget"],
      };
    },
  },
  {
    name: "create a VPC",
    example: "Create a VPC with 10.20.0.0/16",
    fits: (request, verb) =>
      verb === "create" && /\b(vpcs?|virtual private clouds?|networks?)\b/.test(request),
    write: ({ cidr }, { region, options }) => {
      const range = or(cidr, "cidr");
      return {
        title: `Create a VPC with ${range}`,
        open: [
          ...missing([
            cidr,
            "the address range, such as 10.20.0.0/16: it must not overlap with networks it is ever to be connected to",
          ]),
          "the ranges of its subnets, inside of it, one for each of two zones",
        ],
        before: [
          `aws ec2 describe-vpcs --query "Vpcs[].CidrBlock"${options}`,
          `aws ec2 describe-availability-zones${options}`,
        ],
        commands: [
          `aws ec2 create-vpc --cidr-block ${range} --tag-specifications "ResourceType=vpc,Tags=[{Key=Name,Value=<name>}]"${options}`,
          `aws ec2 modify-vpc-attribute --vpc-id <vpc-id> --enable-dns-hostnames Value=true${options}`,
          `aws ec2 create-subnet --vpc-id <vpc-id> --cidr-block <subnet cidr> --availability-zone ${region}a${options}`,
          `aws ec2 create-subnet --vpc-id <vpc-id> --cidr-block <subnet cidr> --availability-zone ${region}b${options}`,
          `# Only if it is to reach the internet:`,
          `aws ec2 create-internet-gateway${options}`,
          `aws ec2 attach-internet-gateway --internet-gateway-id <igw-id> --vpc-id <vpc-id>${options}`,
          `aws ec2 create-route-table --vpc-id <vpc-id>${options}`,
          `aws ec2 create-route --route-table-id <rtb-id> --destination-cidr-block 0.0.0.0/0 --gateway-id <igw-id>${options}`,
          `aws ec2 associate-route-table --route-table-id <rtb-id> --subnet-id <public subnet-id>${options}`,
        ],
        after: [
          `aws ec2 describe-subnets --filters Name=vpc-id,Values=<vpc-id>${options}`,
          `aws ec2 describe-route-tables --filters Name=vpc-id,Values=<vpc-id>${options}`,
        ],
        cost: `VPC, subnets, route tables and internet gateway are free. A NAT gateway is ${priceWords.natGateway} a month and ${priceWords.natGatewayPerGB} per GB, a public IPv4 address ${priceWords.address} a month (us-east-1): this plan has neither.`,
        undo: [
          "Backwards: disassociate and delete the route table, detach and delete the internet gateway, delete the subnets, then",
          `aws ec2 delete-vpc --vpc-id <vpc-id>${options}`,
        ],
        risks: [
          "The range cannot be changed later, only added to.",
          "A route to an internet gateway makes public what has a public address and an open security group.",
        ],
        permissions: [
          "ec2:DescribeVpcs",
          "ec2:DescribeAvailabilityZones",
          "ec2:DescribeSubnets",
          "ec2:DescribeRouteTables",
          "ec2:CreateVpc",
          "ec2:ModifyVpcAttribute",
          "ec2:CreateTags",
          "ec2:CreateSubnet",
          "ec2:CreateInternetGateway",
          "ec2:AttachInternetGateway",
          "ec2:CreateRouteTable",
          "ec2:CreateRoute",
          "ec2:AssociateRouteTable",
        ],
      };
    },
  },
];
