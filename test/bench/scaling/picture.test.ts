import { picture } from '../../../bench/scaling/picture';
import { Sample } from '../../../bench/scaling/timeline';

const nothing: Sample = { seconds: 0, desired: 0, workers: 0, waiting: 0, running: 0, succeeded: 0 };
const svg = picture('tasks arrive', [nothing, { ...nothing, seconds: 50, desired: 2, waiting: 40 }, { ...nothing, seconds: 100, succeeded: 40 }]);
/** Of the lines, by color. */
const paths = Object.fromEntries([...svg.matchAll(/<path d="([^"]*)" fill="none" stroke="(#\w+)" stroke-width="2"/g)].map(([, path, color]) => [color, path]));
const texts = [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text);

test('a value holds until the next one is known: the line has steps, from one edge to the other', () => {
  expect(paths['#d55e00']).toBe('M48 154H339V62H630V154');
});

test('each panel has its own scale', () => {
  expect([paths['#0072b2'], paths['#009e73']]).toEqual(['M48 290H339V198H630V290', 'M48 426H339V426H630V334']);
});

test('lines have names, and no two of them cover each other', () => {
  expect(texts.filter(text => /[a-z]/.test(text) && !/\d s/.test(text))).toEqual(
    ['tasks arrive', 'tasks that wait', 'waiting', 'workers', 'desired', 'running', 'tasks', 'running', 'succeeded']);
  const places = [...svg.matchAll(/<text x="640" y="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(new Set(places).size).toBe(5);
});

test('the time is in round seconds since the tasks have arrived', () => {
  expect(texts.filter(text => /\d s/.test(text))).toEqual(['0 s', '10 s', '20 s', '30 s', '40 s', '50 s', '60 s', '70 s', '80 s', '90 s', '100 s']);
});

test('it has paper of its own, is read on any background, and refers to nothing outside', () => {
  expect(svg).toMatch(/<rect width="760" height="466" rx="6" fill="#ffffff"/);
  expect(svg.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/http|href|url\(|<script|<style/);
});
