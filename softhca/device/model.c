/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>

#include <infiniband/mlx5dv.h>

#include "device/model.h"
#include "hca_models.h"

#define MODEL(...) {__VA_ARGS__},

static const struct hca_model models[] = {HCA_MODELS(MODEL)};

uint32_t
hca_model_formats(const struct hca_model *model)
{
	return MLX5DV_CQE_RES_FORMAT_HASH | MLX5DV_CQE_RES_FORMAT_CSUM |
		(model->striding ? MLX5DV_CQE_RES_FORMAT_CSUM_STRIDX : 0);
}

const struct hca_model *
hca_model_find(uint16_t id)
{
	size_t i;

	for (i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i].id == id)
			return &models[i];
	return &models[0];
}
