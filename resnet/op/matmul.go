package op

import "github.com/seed8935e608/residua/resnet/kernel"

// Product says how MatMul reads its operands (TransposeA, TransposeB), and whether it adds to the destination (Add).
type Product = kernel.Product

// MatMul computes the product dst = a·b of an m×k and a k×n matrix, both row-major without gaps. With TransposeA it is
// aᵀ·b of a k×m matrix a, with TransposeB a·bᵀ of an n×k matrix b. dst must not overlap a or b.
//
// Its gradients are products again: dA = dDst·bᵀ and dB = aᵀ·dDst.
func MatMul(dst, a, b []float32, m, k, n int, p Product) { kernel.MatMul(dst, a, b, m, k, n, p) }
