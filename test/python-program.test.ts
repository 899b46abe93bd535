import { execFileSync } from 'node:child_process';
import { pythonProgram } from '../src/python-program';

/** Names that a program has for itself: what is imported is the same for all. */
const NAMES = `
import ast, json, sys
def names(node):
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)): return [node.name]
    if isinstance(node, (ast.Import, ast.ImportFrom)): return []
    return [name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)]
print(json.dumps([sorted({name for node in ast.parse(text).body for name in names(node)}) for text in json.load(sys.stdin)]))
`;

test('programs that run in one process, one after the other, take no name of each other', () => {
  const programs = ['container/forget_secrets.py', 'dags/refresh.py', 'task-logs/limit_logs.py', 'task-logs/delete_log.py', 'executor/clean_up.py'].map(pythonProgram);
  const names = (JSON.parse(execFileSync('python3', ['-c', NAMES], { input: JSON.stringify(programs), encoding: 'utf-8' })) as string[][]).flat();

  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['secrets', 'forget', 'LimitedLogger', 'folder']));
});
