import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { Credentials, DagRun } from '../local/airflow-api';

/** The installed browser, as the package managers name it. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const macOs = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return [...names, macOs].find(name => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** Logs in as a person would and takes a picture of the run. */
export async function takeScreenshot(browser: string, webServer: string, login: Credentials, run: DagRun, file: string): Promise<void> {
  const executablePath = browser.startsWith('/') ? browser : execFileSync('which', [browser], { encoding: 'utf-8' }).trim();
  // Chromium refuses its sandbox to root; /dev/shm is tiny in containers
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const chrome = await chromium.launch({ executablePath, args: [...sandbox, '--disable-dev-shm-usage'] });
  try {
    const page = await chrome.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(`${webServer}/dags/${run.dag_id}/runs/${encodeURIComponent(run.dag_run_id)}`);
    await page.locator('input[name=username]').fill(login.username);
    await page.locator('input[name=password]').fill(login.password);
    await page.locator('[type=submit]').click();
    await page.waitForURL(url => !url.pathname.includes('login'));
    await page.goto(`${webServer}/dags/${run.dag_id}/runs/${encodeURIComponent(run.dag_run_id)}`);
    await page.getByText('transform').first().waitFor();
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: file });
  } finally {
    await chrome.close();
  }
}
