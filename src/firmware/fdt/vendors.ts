/**
 * Names that Linux's drivers go by. From the match tables of Linux 6.12 and 7.3 (drivers/irqchip,
 * drivers/iommu, drivers/pci/controller); a name that is not here is told apart by its properties
 * alone.
 */
import type { DtTree } from './tree.ts';

export const GICV3 = new Set(['arm,gic-v3', 'qcom,msm8996-gic-v3']);
export const GICV2 = new Set([
  'arm,gic-400',
  'arm,cortex-a15-gic',
  'arm,cortex-a9-gic',
  'arm,cortex-a7-gic',
  'arm,arm11mp-gic',
  'arm,arm1176jzf-devchip-gic',
  'arm,eb11mp-gic',
  'arm,tc11mp-gic',
  'qcom,msm-8660-qgic',
  'qcom,msm-qgic2',
]);
export const ITS = 'arm,gic-v3-its';
export const V2M = 'arm,gic-v2m-frame';

/** Controllers outside of bridges that take PCI MSIs. */
export const PCI_MSI = new Set([
  'fsl,1s1021a-msi',
  'fsl,1s1043a-msi',
  'fsl,ls1012a-msi',
  'fsl,ls1021a-msi',
  'fsl,ls1043a-msi',
  'fsl,ls1043a-v1.1-msi',
  'fsl,ls1046a-msi',
  'al,alpine-msix',
  'apm,xgene1-msi',
  'altr,msi-1.0',
  'brcm,iproc-msi',
  'brcm,bcm2712-mip',
  'loongson,pch-msi-1.0',
  'riscv,imsics',
  'sophgo,sg2042-msi',
  'sophgo,sg2044-msi',
  'arm,gic-v5-its',
]);
/**
 * Controllers whose domain PCI devices cannot use: their MSIs come from wires or from one SoC's
 * blocks.
 */
export const PLATFORM_MSI = new Set([
  'marvell,odmi-controller',
  'marvell,ap806-gicp',
  'marvell,ap806-sei',
  'ti,sci-inta',
  'fsl,imx7ulp-mu-msi',
  'fsl,imx6sx-mu-msi',
  'fsl,imx8ulp-mu-msi',
  'fsl,imx8ulp-mu-msi-s4',
]);

/**
 * Host bridges with an MSI controller of their own, used when neither msi-map nor msi-parent leads
 * elsewhere: the iMSI-RX of a DesignWare core (`dw_pcie_host_init`: use_imsi_rx) and the likes.
 */
const IN_BRIDGE_NAMES = new Set([
  'amazon,al-alpine-v2-pcie',
  'amazon,al-alpine-v3-pcie',
  'amlogic,axg-pcie',
  'amlogic,g12a-pcie',
  'axis,artpec6-pcie',
  'axis,artpec7-pcie',
  'baikal,bt1-pcie',
  'hisilicon,hi3798cv200-pcie',
  'hisilicon,kirin960-pcie',
  'hisilicon,kirin970-pcie',
  'intel,keembay-pcie',
  'intel,lgm-pcie',
  'marvell,armada8k-pcie',
  'marvell,armada-3700-pcie',
  'rockchip,rk3568-pcie',
  'rockchip,rk3588-pcie',
  'renesas,pcie-r8a7779',
  'renesas,pcie-r8a7790',
  'renesas,pcie-r8a7791',
  'renesas,pcie-r8a7795',
  'renesas,pcie-rcar-gen2',
  'renesas,pcie-rcar-gen3',
  'renesas,rcar-gen4-pcie',
  'renesas,r8a779f0-pcie',
  'samsung,exynos5433-pcie',
  'sifive,fu740-pcie',
  'snps,dw-pcie',
  'socionext,uniphier-pcie',
  'st,spear1340-pcie',
  'ti,am654-pcie-rc',
  'ti,dra7-pcie',
  'ti,dra726-pcie-rc',
  'ti,dra746-pcie-rc',
  'ti,keystone-pcie',
  'toshiba,visconti-pcie',
  'airoha,en7581-pcie',
  'mbvl,gpex40-pcie',
  'microchip,pcie-host-1.0',
  'starfive,jh7110-pcie',
  'xlnx,axi-pcie-host-1.00.a',
  'xlnx,nwl-pcie-2.11',
  'xlnx,qdma-host-3.00',
  'xlnx,xdma-host-3.00',
]);
/** Families of names with a number in them. */
const IN_BRIDGE =
  /^(fsl,(imx[a-z0-9]+|ls\d+[a-z]*)-pcie|qcom,pcie-[a-z0-9-]+|nvidia,tegra\d+-pcie|mediatek,mt\d+-pcie)$/;

export const hasOwnMsis = (name: string): boolean =>
  IN_BRIDGE_NAMES.has(name) || IN_BRIDGE.test(name);

const SMMU_V2 = new Set([
  'arm,smmu-v1',
  'arm,smmu-v2',
  'arm,mmu-400',
  'arm,mmu-401',
  'arm,mmu-500',
  'cavium,smmu-v2',
  'nvidia,smmu-500',
  'qcom,smmu-500',
  'qcom,smmu-v2',
  'qcom,adreno-smmu',
]);
export const isSmmuV2 = (name: string): boolean =>
  SMMU_V2.has(name) || /^(qcom,.*-smmu-(500|v2)|marvell,.*-smmu-500)$/.test(name);
export const SMMU_V3 = 'arm,smmu-v3';

/** Other IOMMUs. What each does with its cells is its own. */
export const isOtherIommu = (name: string): boolean =>
  /^(rockchip,(rk3568-)?iommu|mediatek,.*-(m4u|iommu-[a-z]+)|renesas,.*ipmmu.*|nvidia,tegra\d+-(smmu|mc)|qcom,msm-iommu-v\d|qcom,apq8064-iommu|apple,.*dart|samsung,exynos-sysmmu|allwinner,.*-iommu|ti,.*-iommu|riscv,iommu|sprd,iommu-v1|virtio,pci-iommu|fsl,.*pamu|verisilicon,iommu-.*|exynos.*sysmmu)$/.test(
    name,
  );

/** Interrupt controllers that turn wires into MSIs. */
export const isWiredToMsi = (name: string): boolean =>
  /^(hisilicon,mbigen-v\d|marvell,(cp110-icu(-n?sr|-sei)?|armada-8k-pic|odmi-controller|ap806-(gicp|sei))|ti,sci-inta|riscv,aplic|arm,gic-v5-iwb)$/.test(
    name,
  );

export const FSL_MC = 'fsl,qoriq-mc';

/**
 * Virtual machines. The ITS of QEMU (ITS_DEVBITS of hw/intc/gicv3_internal.h) and that of KVM
 * (VITS_TYPER_DEVBITS) have 16 bits of DeviceIDs, QEMU's SMMUv3 (SMMU_IDR1_SIDSIZE) 16 of
 * StreamIDs.
 */
export const isVirtual = (tree: DtTree): boolean =>
  tree.root.compatible.includes('linux,dummy-virt');
export const VIRTUAL_ID_BITS = 16;
