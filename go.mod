module github.com/seed8935e608/residua

go 1.26.0

require (
	github.com/bep/imagemeta v1.0.1
	golang.org/x/image v0.47.0
	gonum.org/v1/gonum v0.17.0
	google.golang.org/protobuf v1.36.12
)

require golang.org/x/text v0.43.0 // indirect
