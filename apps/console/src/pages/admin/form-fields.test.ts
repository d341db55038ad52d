import { expect, test } from 'vitest';
import { fieldsOf, inputOf } from './form-fields.js';

const schema = {
  type: 'object',
  properties: {
    amount: { type: 'integer', description: 'in won' },
    notify: { type: 'boolean', default: true },
    kind: { enum: ['full', 'part'] },
    address: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['amount', 'address'],
};

test('a form lists fields inside of others, says what is needed, and writes what has no form as JSON', () => {
  const fields = fieldsOf(schema);
  expect(fields.map(({ name, kind, isNeeded, label }) => [name, kind, isNeeded, label])).toEqual([
    ['amount', 'number', true, 'in won'],
    ['notify', 'yes-no', false, 'notify'],
    ['kind', 'choice', false, 'kind'],
    ['address.city', 'text', true, 'address.city'],
    ['tags', 'json', false, 'tags'],
  ]);
  const values = { amount: '500', 'address.city': '부산', tags: '["a"]' };
  expect(inputOf(fields, values)).toEqual({
    input: { amount: 500, notify: true, address: { city: '부산' }, tags: ['a'] },
  });
});

test('a value that does not fit names its field, and an input that is no object is one field', () => {
  const fields = fieldsOf(schema);
  expect(inputOf(fields, { amount: 'many' })).toMatchObject({ wrong: { name: 'amount' } });
  expect(inputOf(fields, { tags: '[' })).toMatchObject({ wrong: { name: 'tags' } });
  const whole = fieldsOf({ type: 'array' });
  expect(inputOf(whole, { '': '[1]' })).toEqual({ input: [1] });
  expect(inputOf(fieldsOf({ type: 'object', properties: {} }), {})).toEqual({ input: {} });
});
