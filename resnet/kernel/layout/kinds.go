package layout

// Kind says which kernel computes a job.
type Kind int32

// The kinds, in the order of their functions in the modules.
const (
	Conv6 Kind = iota
	Conv5
	Conv4
	MaxPool
	WinogradInput
	WinogradOutput
	PackRows
	TransposeRows
	Grouped6
	Grouped5
	Grouped4
	Paired6
	Paired5
	Paired4
	Affine
	Moments
	GradientSums
	NormBackward
	Add
	ReLUBackward
	SGD
	AdamW
	WinogradSteps
	WinogradWeights
	WinogradGradient
	WinogradProducts
	WinogradSum
	Largest
	QuantiseBytes
	QuantiseWords
	Words5
	Words4
	Bytes6 // from here on they need relaxed SIMD
	Bytes5
	Bytes4
	Pairs4
)

// Operands says what a convolution kernel multiplies.
type Operands int

const (
	None    Operands = iota // the kernel is not a convolution's
	Float32                 // each panel of 8 output channels reads all input channels
	Grouped                 // some panels read some input channels, the next panels the next
	Paired                  // a panel reads 8 input channels: its first half the first 4, the second half the others
	Bytes                   // integers of 8 bits, four products added at once
	Pairs                   // the same, two products added in 16 bits first
	Words                   // inputs of 16 bits, weights of 8, two products added at once
)

// A Kernel describes the kernel of a kind.
type Kernel struct {
	// Name is its name in the modules, followed by that of their instruction set: what it does, the type of its
	// operands, and how many values it computes at once (rows × channels).
	Name     string
	Operands Operands // of a convolution
	Rows     int      // of a convolution: in a tile
	Relaxed  bool     // it needs relaxed SIMD, so that the modules of plain SIMD lack it
}

// Kernels lists the kernels by kind.
var Kernels = [...]Kernel{
	Conv6:            {Name: "conv_f32_6x8", Operands: Float32, Rows: 6},
	Conv5:            {Name: "conv_f32_5x8", Operands: Float32, Rows: 5},
	Conv4:            {Name: "conv_f32_4x8", Operands: Float32, Rows: 4},
	MaxPool:          {Name: "max_pool_f32_1x4"},
	WinogradInput:    {Name: "winograd_input_f32_6x6x4"},
	WinogradOutput:   {Name: "winograd_output_f32_4x4x4"},
	PackRows:         {Name: "pack_rows_f32_1x8"},
	TransposeRows:    {Name: "transpose_f32_4x4"},
	Grouped6:         {Name: "conv_grouped_f32_6x8", Operands: Grouped, Rows: 6},
	Grouped5:         {Name: "conv_grouped_f32_5x8", Operands: Grouped, Rows: 5},
	Grouped4:         {Name: "conv_grouped_f32_4x8", Operands: Grouped, Rows: 4},
	Paired6:          {Name: "conv_paired_f32_6x8", Operands: Paired, Rows: 6},
	Paired5:          {Name: "conv_paired_f32_5x8", Operands: Paired, Rows: 5},
	Paired4:          {Name: "conv_paired_f32_4x8", Operands: Paired, Rows: 4},
	Affine:           {Name: "affine_f32_1x16"},
	Moments:          {Name: "moments_f32_1x16"},
	GradientSums:     {Name: "gradient_sums_f32_1x8"},
	NormBackward:     {Name: "norm_backward_f32_1x8"},
	Add:              {Name: "add_f32_1x16"},
	ReLUBackward:     {Name: "relu_backward_f32_1x16"},
	SGD:              {Name: "sgd_f32_1x16"},
	AdamW:            {Name: "adamw_f32_1x16"},
	WinogradSteps:    {Name: "winograd_f32_4x4x4"},
	WinogradWeights:  {Name: "winograd_weights_f32_3x3x4"},
	WinogradGradient: {Name: "winograd_gradient_f32_4x4x4"},
	WinogradProducts: {Name: "winograd_products_f32_4x8"},
	WinogradSum:      {Name: "winograd_sum_f32_3x3x4"},
	Largest:          {Name: "largest_f32_1x16"},
	QuantiseBytes:    {Name: "quantise_i8_1x16"},
	QuantiseWords:    {Name: "quantise_i16_1x16"},
	Words5:           {Name: "conv_words_i16_5x8", Operands: Words, Rows: 5},
	Words4:           {Name: "conv_words_i16_4x8", Operands: Words, Rows: 4},
	Bytes6:           {Name: "conv_bytes_i8_6x8", Operands: Bytes, Rows: 6, Relaxed: true},
	Bytes5:           {Name: "conv_bytes_i8_5x8", Operands: Bytes, Rows: 5, Relaxed: true},
	Bytes4:           {Name: "conv_bytes_i8_4x8", Operands: Bytes, Rows: 4, Relaxed: true},
	Pairs4:           {Name: "conv_pairs_i8_4x8", Operands: Pairs, Rows: 4, Relaxed: true},
}

// ConvKind is the convolution kernel for these operands with tiles of so many rows, if there is one.
func ConvKind(operands Operands, rows int) (kind Kind, ok bool) {
	for i, k := range Kernels {
		if k.Operands == operands && k.Rows == rows {
			return Kind(i), true
		}
	}
	return 0, false
}

func (o Operands) String() string {
	return [...]string{"none", "float32", "grouped", "paired", "bytes", "pairs", "words"}[o]
}
