/** The model in this process. */
import { openModel } from '../../src/machine.ts';
import type { Target } from './target.ts';

export const modelTarget: Target = { name: 'model', open: openModel };

export const TARGETS: Readonly<Record<string, Target>> = { model: modelTarget };
