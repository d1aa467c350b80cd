/** What the figures of the Linux target take from the project. */
export { launchedGuests } from '../../harness/targets/linux/launched-guests.ts';
export { LinuxTarget } from '../../harness/targets/linux/linux-target.ts';
export { archive, folder, link, program } from '../../harness/targets/linux/image/cpio.ts';
export { cacheFolder } from '../../harness/targets/linux/image/cache.ts';
export { prepareImage } from '../../harness/targets/linux/image/prepare.ts';
export { kill, start } from '../../harness/targets/linux/qemu/living.ts';
