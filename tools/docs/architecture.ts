import { PRESETS, presetTemplate } from './presets';

const COLUMN = 118;
const MARGIN = 20;
const BOX = { width: 106, height: 62 };
const ROW = 40;
const COLOURS = ['#1f6feb', '#bf3989', '#1a7f37', '#9a6700', '#8250df', '#cf222e'];

/** Something with a security group. */
interface Part {
  readonly name: string;
  readonly lines: string[];
  readonly groups: string[];
}

interface Rule {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** What else a deployment consists of, by the type that is counted. */
const BESIDE: Record<string, string> = {
  'AWS::EC2::NatGateway': 'NAT gateway',
  'AWS::SecretsManager::Secret': 'secrets',
  'AWS::S3::Bucket': 'bucket for task logs',
  'AWS::Logs::LogGroup': 'log groups',
  'AWS::ServiceDiscovery::Service': 'private DNS names',
  'AWS::Lambda::Function': 'functions of the deployment',
};

/**
 * `docs/images/architecture.svg`: the components of the default template, and a line for each server with those that its security group lets in.
 * From the template, so that it cannot say what is not there.
 */
export function architecture(): string {
  const all: Record<string, any> = presetTemplate(PRESETS[0]).toJSON().Resources;
  const resources = Object.values(all);
  const rules = resources.filter(({ Type }) => Type === 'AWS::EC2::SecurityGroupIngress').map(({ Properties }): Rule => (
    { from: groupId(Properties.SourceSecurityGroupId), to: groupId(Properties.GroupId), port: Properties.FromPort }));
  const permanent = [...services(all), database(resources)];
  const parts = [...permanent, migration(rules, permanent)].map((part, column) => ({ ...part, column }));
  const owner = (group: string) => parts.find(({ groups }) => groups.includes(group))!;
  const servers = [...new Set(rules.map(({ to }) => to))];
  const top = MARGIN + BOX.height;
  const height = top + (servers.length + 1) * ROW + 2 * MARGIN;
  const width = 2 * MARGIN + (parts.length + 1) * COLUMN; // the last one for the names of the lines
  const centre = (column: number) => MARGIN + column * COLUMN + COLUMN / 2;

  const lines = servers.map((server, index) => {
    const y = top + (index + 1) * ROW;
    const colour = COLOURS[index % COLOURS.length];
    const { column, name } = owner(server);
    const clients = rules.filter(({ to }) => to === server).map(rule => ({ ...owner(rule.from), port: rule.port }));
    const ends = [column, ...clients.map(client => client.column)];
    return `<g stroke="${colour}" fill="${colour}"><title>${clients.map(client => client.name).join(', ')} to ${name}</title>
${clients.map(client => `<path d="M${centre(client.column) - offset(index)} ${top}V${y}" fill="none" stroke-opacity="0.35"/><circle cx="${centre(client.column) - offset(index)}" cy="${y}" r="4"/>`).join('\n')}
<path d="M${centre(Math.min(...ends)) - offset(index)} ${y}H${centre(Math.max(...ends)) - offset(index)}" fill="none" stroke-width="2"/>
<path d="M${centre(column) - offset(index)} ${y}V${top + 9}" fill="none" stroke-width="2"/><path d="M${centre(column) - offset(index) - 5} ${top + 10}h10l-5 -9z" stroke="none"/>
<text x="${width - MARGIN}" y="${y + 4}" text-anchor="end" stroke="none">${name}:${clients[0].port}</text></g>`;
  });
  const beside = Object.entries(BESIDE).map(([type, text]) => `${resources.filter(({ Type }) => Type === type).length} ${text}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${lines.join('\n')}
${parts.map(part => box(part, centre(part.column))).join('\n')}
<text x="${MARGIN}" y="${height - MARGIN}" fill="#57606a">${beside.join(' · ')}</text>
</svg>
`;
}

/** Lines of several servers below the same box stand beside each other. */
function offset(index: number): number {
  return (index - 2) * 12;
}

function box({ name, lines }: Part, x: number): string {
  const texts = [`<text x="${x}" y="${MARGIN + 20}" font-weight="600" fill="#1f2328">${name}</text>`,
    ...lines.map((line, index) => `<text x="${x}" y="${MARGIN + 36 + index * 15}" font-size="10.5" fill="#57606a">${line}</text>`)];
  return `<g text-anchor="middle"><rect x="${x - BOX.width / 2}" y="${MARGIN}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="#f6f8fa" stroke="#d0d7de"/>${texts.join('')}</g>`;
}

function services(resources: Record<string, any>): Part[] {
  return Object.values(resources).filter(({ Type }) => Type === 'AWS::ECS::Service').map(({ Properties }) => {
    const { Cpu, Memory, ContainerDefinitions } = resources[Properties.TaskDefinition.Ref].Properties;
    return {
      name: ContainerDefinitions[0].Name,
      lines: [`Fargate, ${Properties.DesiredCount} task${Properties.DesiredCount === 1 ? '' : 's'}`, `${Number(Cpu) / 1024} vCPU, ${Number(Memory) / 1024} GiB`],
      groups: Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.map(groupId),
    };
  });
}

function database(resources: any[]): Part {
  const { Properties } = resources.find(({ Type }) => Type === 'AWS::RDS::DBCluster');
  const { MinCapacity, MaxCapacity } = Properties.ServerlessV2ScalingConfiguration;
  return { name: 'database', lines: ['Aurora PostgreSQL', `${MinCapacity} to ${MaxCapacity} ACU`], groups: Properties.VpcSecurityGroupIds.map(groupId) };
}

/** A task, and no service: the group that is left. */
function migration(rules: Rule[], parts: Part[]): Part {
  const known = parts.flatMap(({ groups }) => groups);
  return { name: 'migration', lines: ['Fargate, one task', 'at deployments'], groups: [...new Set(rules.map(({ from }) => from))].filter(group => !known.includes(group)) };
}

function groupId(value: { 'Fn::GetAtt': [string, string] }): string {
  return value['Fn::GetAtt'][0];
}
